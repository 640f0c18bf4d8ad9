using EdgeFleet.ControlPlane.DeviceCommands;
using EdgeFleet.ControlPlane.Telemetry;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Registers what is known and wanted of devices.</summary>
internal static class DevicesSetup
{
    /// <summary>Adds <see cref="IDesiredStore"/>, <see cref="DeviceQueries"/>, the signer and the consumers.</summary>
    public static IServiceCollection AddDevices(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DeviceOptions>().BindConfiguration(DeviceOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<DesiredSigner>().AddSingleton<KnownDevices>();
        services.AddSingleton<DesiredStore>().AddSingleton<IDesiredStore>(s => s.GetRequiredService<DesiredStore>());
        services.AddSingleton<CommandStore>().AddSingleton<LifeSetting>().AddSingleton<DeviceLife>();
        services.AddSingleton<DeviceIntake>().AddSingleton<DeviceQueries>().AddSingleton<IEventHandler, DeviceEventHistory>();
        return services.AddHostedService<DeviceConsumer>().AddHostedService<HeardWorker>();
    }
}
