using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Pages.Forms;

/// <summary>The search field: goes straight to a rollout, a device or a version, else to the devices of that place.</summary>
internal static class FindForm
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/find", FindAsync).RequireAuthorization(Policies.Viewer).ExcludeFromDescription();

    private static async Task<IResult> FindAsync(DeviceQueries devices, CancellationToken cancel, string? q = null)
    {
        var sought = (q ?? "").Trim().ToLowerInvariant();
        if (sought.Length == 0)
            return TypedResults.LocalRedirect("/");
        if (long.TryParse(sought, out var number) && number > 0)
            return TypedResults.LocalRedirect($"/rollouts/{number}");
        if (DeviceId.TryParse(sought, out var id) && await devices.FindAsync(id, cancel) is not null)
            return TypedResults.LocalRedirect($"/devices/{id}");
        if (sought.Split('@', ' ') is [var name, var version])
            return TypedResults.LocalRedirect($"/models#{Uri.EscapeDataString($"{name}-{version}")}");
        return TypedResults.LocalRedirect($"/devices?selector={Uri.EscapeDataString(sought.Contains('=') ? sought : $"site={sought}")}");
    }
}
