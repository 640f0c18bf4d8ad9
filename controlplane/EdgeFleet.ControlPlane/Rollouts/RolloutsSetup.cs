using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.ControlPlane.Telemetry;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>Registers rollouts.</summary>
internal static class RolloutsSetup
{
    /// <summary>Adds commands, queries, and the worker that looks after open rollouts.</summary>
    public static IServiceCollection AddRollouts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RolloutOptions>().Bind(configuration.GetSection(RolloutOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<RolloutTeller>().AddSingleton<EvidenceReader>().AddSingleton<RolloutHands>().AddSingleton<RolloutRunner>().AddSingleton<RolloutExplainer>().AddSingleton<RolloutCommands>().AddSingleton<RolloutQueries>();
        services.AddSingleton<IEventHandler, ShadowExampleConsumer>();
        return services.AddHostedService<RolloutWorker>();
    }
}
