using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Power;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>Minute rows, profiles and drift of every slot.</summary>
internal static class MonitoringSetup
{
    /// <summary>Adds them. To be called before inference, so that it stops after the last result.</summary>
    public static IServiceCollection AddMonitoring(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSection(configuration, MonitoringOptions.Section, MonitoringOptions.Read);
        services.AddSection(configuration, DriftOptions.Section, DriftOptions.Read);
        return services
            .AddSingleton<DriftStore>()
            .AddSingleton<IHostedService>(sp => sp.GetRequiredService<DriftStore>())
            .AddSingleton(sp => new DriftObserver(
                sp.GetServices<SlotHost>().Select(h => new DriftSlot(
                    h, sp.GetRequiredService<DriftStore>(), sp.GetRequiredService<IOptions<DriftOptions>>().Value, sp.GetRequiredService<TimeProvider>())),
                sp.GetRequiredService<IRecordSink>(), sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<DriftObserver>>()))
            .AddSingleton<ISampleObserver>(sp => sp.GetRequiredService<DriftObserver>())
            .AddSingleton<IMinuteObserver>(sp => sp.GetRequiredService<DriftObserver>())
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
