using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>Minute rows and profiles of every slot.</summary>
internal static class MonitoringSetup
{
    /// <summary>Adds them. To be called before inference, so that it stops after the last result.</summary>
    public static IServiceCollection AddMonitoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSection(configuration, MonitoringOptions.Section, MonitoringOptions.Read);
        return services
            .AddSingleton<MonitoringWorker>()
            .AddSingleton<ISampleObserver>(sp => sp.GetRequiredService<MonitoringWorker>())
            .AddSingleton<IHostedService>(sp => sp.GetRequiredService<MonitoringWorker>());
    }
}
