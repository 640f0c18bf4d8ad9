using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Power;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>Minute rows and profiles of every slot.</summary>
internal static class MonitoringSetup
{
    /// <summary>Adds them. To be called before inference, so that it stops after the last result.</summary>
    public static IServiceCollection AddMonitoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSection(configuration, MonitoringOptions.Section, MonitoringOptions.Read);
        return services
            .AddSingleton(sp => new MonitoringWorker(
                sp.GetServices<IModelHost>(), sp.GetRequiredService<IRecordSink>(), sp.GetServices<IMinuteObserver>(),
                sp.GetRequiredService<IOptions<MonitoringOptions>>(), sp.GetRequiredService<TimeProvider>())
            {
                Energy = sp.GetService<IEnergyMeter>() ?? NoEnergyMeter.Instance,
            })
            .AddSingleton<ISampleObserver>(sp => sp.GetRequiredService<MonitoringWorker>())
            .AddSingleton<IHostedService>(sp => sp.GetRequiredService<MonitoringWorker>());
    }
}
