using EdgeFleet.Agent.Inference;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.Agent.Health;

/// <summary>What is wrong on this board, for the link to report.</summary>
internal static class HealthSetup
{
    /// <summary>Adds the board and the parts that raise warnings from results.</summary>
    public static IServiceCollection AddHealth(this IServiceCollection services) => services
        .AddSingleton<HealthBoard>()
        .AddSingleton<ISampleObserver, FailureRunObserver>();
}
