using EdgeFleet.ControlPlane.Telemetry;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>Alerts: taken in from devices, read and acted on by people.</summary>
internal static class AlertsSetup
{
    public static IServiceCollection AddAlerts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<IEventHandler, AlertConsumer>();
        services.AddSingleton<CalibrationMaps>().AddSingleton<ModelLabels>().AddSingleton<PackageAdvice>().AddSingleton<JudgedSampleQueries>().AddSingleton<AnswerQuality>();
        return services.AddSingleton<AlertQueries>().AddSingleton<AlertCommands>();
    }
}
