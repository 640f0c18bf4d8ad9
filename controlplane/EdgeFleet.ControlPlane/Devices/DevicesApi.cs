namespace EdgeFleet.ControlPlane.Devices;

/// <summary>HTTP of devices.</summary>
internal static class DevicesApi
{
    /// <summary>Maps <c>/api/devices</c>.</summary>
    public static IEndpointRouteBuilder MapDevices(this IEndpointRouteBuilder routes)
    {
        _ = routes.MapGroup("/api/devices");
        return routes;
    }
}
