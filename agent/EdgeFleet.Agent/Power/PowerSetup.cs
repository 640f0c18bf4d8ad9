using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Updates;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Power;

/// <summary>Power and heat: sensors, energy of inferences, and what strain does.</summary>
internal static class PowerSetup
{
    /// <summary>Adds them. Needs the health board and the slots.</summary>
    public static IServiceCollection AddPower(this IServiceCollection services, IConfiguration configuration)
    {
        var options = services.AddSection(configuration, PowerOptions.Section, PowerOptions.Read);
        services.TryAddSingleton<UpdateHold>();
        return services
            .AddSingleton<IdleBaseline>()
            .AddSingleton<EnergySampler>()
            .AddSingleton<PowerBoard>()
            .AddSingleton(sp => new PowerSetting(
                options, new BoardRoot(options.Root), sp.GetRequiredService<IdleBaseline>(), sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<PowerWorker>>()))
            .AddSingleton(sp => new BoardReader(sp.GetRequiredService<PowerSetting>().Root, sp.GetRequiredService<TimeProvider>()))
            .AddSingleton<PowerEffects>()
            .AddSingleton<SlotActivity>()
            .AddSingleton<ISampleObserver>(sp => sp.GetRequiredService<SlotActivity>())
            .AddSingleton<IEnergyMeter, EnergyMeter>()
            .AddHostedService<SamplingWorker>()
            .AddHostedService<PowerWorker>();
    }
}
