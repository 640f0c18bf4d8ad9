using EdgeFleet.Agent.Inference;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.Agent.Alerts;

/// <summary>Alerts by the rules of the models.</summary>
internal static class AlertsSetup
{
    /// <summary>Adds them.</summary>
    public static IServiceCollection AddAlerts(this IServiceCollection services) => services
        .AddSingleton<AlertStore>()
        .AddSingleton<ISampleObserver, AlertObserver>();
}
