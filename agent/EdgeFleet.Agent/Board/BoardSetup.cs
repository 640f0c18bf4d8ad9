using EdgeFleet.Agent.Connectivity;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Updates;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Board;

/// <summary>What the running agent answers to commands on the board.</summary>
internal static class BoardSetup
{
    /// <summary>Adds it. Needs updates, link and health.</summary>
    public static IServiceCollection AddBoard(this IServiceCollection services)
    {
        services.AddSingleton<SnapshotObserver>();
        services.AddSingleton<ISampleObserver>(p => p.GetRequiredService<SnapshotObserver>());
        services.AddSingleton(p => new LocalKnowledge(p.GetRequiredService<ISlotUpdates>(), p.GetRequiredService<HealthBoard>(), p.GetRequiredService<OutboxStore>(),
            p.GetRequiredService<LinkStatus>(), p.GetRequiredService<IdentityStore>())
        {
            Power = p.GetService<PowerBoard>(),
        });
        services.AddSingleton(p => new LocalDesk(p.GetRequiredService<LocalKnowledge>(), p.GetRequiredService<SnapshotObserver>(), StateFolder(p), p.GetRequiredService<TimeProvider>()));
        return services.AddSingleton<IHostedService>(p =>
            new LocalSocketWorker(StateFolder(p), p.GetRequiredService<LocalDesk>(), p.GetRequiredService<ILogger<LocalSocketWorker>>()));
    }

    private static string StateFolder(IServiceProvider provider) => provider.GetRequiredService<IOptions<AgentOptions>>().Value.StateFolder;
}
