namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Registers what is known and wanted of devices.</summary>
internal static class DevicesSetup
{
    /// <summary>Adds stores, queries and the signer.</summary>
    public static IServiceCollection AddDevices(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<DesiredSigner>();
        return services;
    }
}
