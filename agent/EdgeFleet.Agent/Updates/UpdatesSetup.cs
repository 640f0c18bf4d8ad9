using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Agent.Updates.Trust;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Updates;

/// <summary>Puts updates into the container. Needs what inference adds, an <see cref="IPackageSource"/>, an <see cref="IRecordSink"/> and the <see cref="HealthBoard"/>.</summary>
internal static class UpdatesSetup
{
    /// <summary>Adds updates.</summary>
    public static IServiceCollection AddUpdates(this IServiceCollection services, IConfiguration configuration)
    {
        var options = services.AddSection(configuration, UpdateOptions.Section, UpdateOptions.Read);

        services.AddSingleton(sp => new UpdateStore(StateFolder(sp), sp.GetRequiredService<HealthBoard>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<PackageShelf>();
        services.AddSingleton<PackageLane>();
        services.AddSingleton(sp => new DataBudget(options, new DataBudgetSurroundings(
            new BoardRoot(sp.GetService<PowerSetting>()?.Options.Root ?? "/"),
            StateFolder(sp),
            sp.GetService<TrustedTime>() is { } trusted ? () => trusted.Now.Now : sp.GetRequiredService<TimeProvider>().GetUtcNow,
            sp.GetRequiredService<TimeProvider>())));
        services.AddSingleton(sp => new PackageDownloader(
            sp.GetRequiredService<PackageShelf>(), sp.GetRequiredService<IPackageSource>(), sp.GetRequiredService<BoardFacts>(), sp.GetRequiredService<IOptions<UpdateOptions>>(), sp.GetRequiredService<TimeProvider>())
        {
            Budget = sp.GetRequiredService<DataBudget>(),
        });
        services.AddSingleton<PackageVerifier>();
        services.TryAddSingleton(_ => AgentProgram.Current());
        services.AddSingleton(sp => new RehearsalChild(sp.GetRequiredService<AgentProgram>().StartedBy(options.RehearseWith))
        {
            Runtime = sp.GetRequiredService<BoardRuntime>().AsUsedBy(sp.GetRequiredService<IOptions<InferenceOptions>>().Value),
        });
        services.AddSingleton(sp => new ShadowRunner(ShadowsOf(sp)));
        services.AddSingleton<ISampleObserver>(sp => sp.GetRequiredService<ShadowRunner>());
        services.AddSingleton<ShadowTools>();
        services.AddSingleton(sp => new CandidateTools(
            sp.GetRequiredService<PackageLane>(), sp.GetRequiredService<PackageDownloader>(), sp.GetRequiredService<PackageVerifier>(),
            sp.GetRequiredService<RehearsalChild>(), sp.GetRequiredService<PackageShelf>())
        {
            Shadow = sp.GetRequiredService<ShadowTools>(),
            Engines = sp.GetService<EngineCache>(),
            Trust = sp.GetService<PackageTrust>(),
        });

        services.TryAddSingleton<UpdateHold>();
        services.AddSingleton<FaultTally>();
        services.AddSingleton<ISampleObserver>(sp => sp.GetRequiredService<FaultTally>());
        services.AddSingleton<WindowTally>();
        services.AddSingleton<ISampleObserver>(sp => sp.GetRequiredService<WindowTally>());
        services.AddSingleton(sp => new MinuteFeeds { Tally = sp.GetRequiredService<WindowTally>(), AnonKb = MinuteFeeds.OwnAnonKb });
        services.AddSingleton<IMinuteObserver>(sp => sp.GetRequiredService<MinuteFeeds>());

        services.AddSingleton<Func<IModelHost, UpdateWorker>>(sp => host => WorkerOf(sp, host));
        services.AddSingleton<UpdateSupervisorContext>();
        services.AddSingleton<UpdateSupervisor>();
        services.AddSingleton<ISlotUpdates>(sp => sp.GetRequiredService<UpdateSupervisor>());
        services.AddSingleton(sp => SystemdWatchdog.OfEnvironment(sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IHostedService>(WatchOf); // Before the supervisor, which replaces the note of the process before.
        services.AddHostedService(sp => sp.GetRequiredService<UpdateSupervisor>());
        return services;
    }

    private static HangWatch WatchOf(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<InferenceOptions>>().Value;
        var slots = services.GetServices<SlotHost>().Select(h => (h.Slot, h.Progress)).ToList();
        return new HangWatch(
            slots,
            new HangPolicy(TimeSpan.FromSeconds(options.RunTimeoutSeconds), TimeSpan.FromSeconds(options.HangGraceSeconds)),
            new HangSurroundings(
                services.GetRequiredService<UpdateStore>(), services.GetRequiredService<HealthBoard>(), services.GetRequiredService<SystemdWatchdog>(), HardExit.Now,
                services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILogger<HangWatch>>()));
    }

    // Power may be left out, and is where boards are simulated.
    private static ShadowSurroundings ShadowsOf(IServiceProvider services)
    {
        var (sampler, feeds) = (services.GetService<EnergySampler>(), services.GetRequiredService<MinuteFeeds>());
        var slots = services.GetServices<SlotHost>().Count();
        return new ShadowSurroundings(services.GetRequiredService<TimeProvider>())
        {
            RunTimeout = TimeSpan.FromSeconds(services.GetRequiredService<IOptions<InferenceOptions>>().Value.RunTimeoutSeconds),
            Hold = services.GetRequiredService<UpdateHold>(),
            Watts = () => sampler?.Watts,
            Energy = () => slots == 1 && sampler?.Sensor is not null ? sampler.Totals : null,
            Minutes = (slot, model) => feeds.Of(slot).LastOf(model),
        };
    }

    private static UpdateWorker WorkerOf(IServiceProvider services, IModelHost host)
    {
        var options = services.GetRequiredService<IOptions<UpdateOptions>>().Value;
        var time = services.GetRequiredService<TimeProvider>();
        var tools = services.GetRequiredService<CandidateTools>();
        var feed = services.GetRequiredService<MinuteFeeds>().Of(host.Slot);

        var machine = new UpdateMachine(options.DownloadAttemptsMax, options.CrashesMax);
        var ledger = new SlotLedger(host.Slot, machine, services.GetRequiredService<UpdateStore>(), services.GetRequiredService<IRecordSink>(), time) { BaselineOf = feed.BaselineOf };
        var models = new SlotModels(host, services.GetRequiredService<ModelLoader>(), TimeSpan.FromSeconds(options.SwapSeconds), time)
        {
            LoadMax = TimeSpan.FromSeconds(options.StepSeconds),
            Served = model => ModelFallback.Say(services.GetRequiredService<HealthBoard>(), host.Slot, model),
        };
        var worker = new UpdateWorker(
            ledger,
            new CandidateSteps(tools, services.GetRequiredService<BoardFacts>(), options, time, new Random()),
            new ServingSteps(models, feed, services.GetRequiredService<FaultTally>(), options, time),
            new WorkerSurroundings(
                host, options, services.GetRequiredService<HealthBoard>(), time, services.GetRequiredService<ILogger<UpdateWorker>>(), tools.Shelf.IsWhole, tools.Lane.SweepIfFree,
                services.GetRequiredService<UpdateHold>())
            {
                FloorOf = tools.Shelf.FloorOf,
            });
        tools.Lane.Join(ledger);
        feed.Answered += worker.Stand;
        feed.IsShadowed = () => tools.Shadow.Runner.IsIn(host.Slot);
        return worker;
    }

    private static string StateFolder(IServiceProvider services) => services.GetRequiredService<IOptions<AgentOptions>>().Value.StateFolder;
}
