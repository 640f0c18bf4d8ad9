using EdgeFleet.Agent.Commands;
using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Trust;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>The board's side of the wire: outbox, link, desired documents, package files.</summary>
internal static class ConnectivitySetup
{
    /// <summary>Adds it. Needs the agent's options, the health board and <see cref="ISlotUpdates"/>.</summary>
    public static IServiceCollection AddConnectivity(this IServiceCollection services, IConfiguration configuration)
    {
        var options = services.AddSection(configuration, ConnectivityOptions.Section, ConnectivityOptions.Read);
        services.TryAddSingleton(TimeProvider.System);

        services.AddSingleton(p => new IdentityStore(StateFolder(p)));
        services.AddSingleton(p => new TrustedTime(StateFolder(p), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton(p => new CommandStore(StateFolder(p)));
        services.AddSingleton<AgentExit>();
        services.AddSingleton(p => new CommandConsumer(p.GetRequiredService<CommandStore>(), p.GetRequiredService<AgentExit>(),
            p.GetRequiredService<DesiredConsumer>(), p.GetRequiredService<ILogger<CommandConsumer>>())
        {
            Drift = p.GetService<DriftObserver>(),
        });
        services.AddSingleton(p => new OutboxStore(Path.Combine(StateFolder(p), "outbox.db"), options, p.GetRequiredService<HealthBoard>(),
            p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<OutboxStore>>()));
        services.AddSingleton(p => new OutboxWriter(p.GetRequiredService<OutboxStore>(), options, p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<ILogger<OutboxWriter>>()));
        services.AddSingleton<IRecordSink>(p => p.GetRequiredService<OutboxWriter>());

        services.AddSingleton(p => new DesiredStore(StateFolder(p)));
        services.AddSingleton<DesiredConsumer>();
        services.AddSingleton(p => new ReportBuilder(p.GetRequiredService<ISlotUpdates>(), p.GetRequiredService<HealthBoard>(),
            p.GetRequiredService<DesiredConsumer>(), p.GetRequiredService<OutboxStore>(), p.GetRequiredService<IOptions<AgentOptions>>())
        {
            Drift = p.GetService<DriftObserver>(),
            Power = p.GetService<PowerBoard>(),
        });
        services.AddSingleton<LinkStatus>();
        services.AddSingleton<LinkSetting>();
        services.AddSingleton<LinkParts>();
        services.AddSingleton<HttpPackageSource>();
        services.AddSingleton<IPackageSource>(p => p.GetRequiredService<HttpPackageSource>());
        services.AddSingleton(p => new PackageTrust(StateFolder(p), p.GetRequiredService<HttpPackageSource>(), p.GetRequiredService<TrustedTime>()));
        services.AddHostedService<RenewalWorker>();
        services.AddHostedService<LinkWorker>();
        return services;
    }

    private static string StateFolder(IServiceProvider provider) => provider.GetRequiredService<IOptions<AgentOptions>>().Value.StateFolder;
}
