using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Models.Sessions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Inference;

/// <summary>Slots: a host and a running loop for each.</summary>
internal static class InferenceSetup
{
    /// <summary>Adds them. Observers registered as <see cref="ISampleObserver"/> see every result.</summary>
    public static IServiceCollection AddInference(this IServiceCollection services, IConfiguration configuration)
    {
        var options = services.AddSection(configuration, InferenceOptions.Section, InferenceOptions.Read);
        var slots = services.AddSection(configuration, SlotsOptions.Section, SlotsOptions.Read);
        services.TryAddSingleton(sp => new ContentStore(Path.Combine(sp.GetRequiredService<IOptions<AgentOptions>>().Value.StateFolder, "packages")));
        services.TryAddSingleton(sp => BoardRuntime.Begin(options, slots.All.Select(s => s.Threads).DefaultIfEmpty(1).Max(), sp.GetRequiredService<HealthBoard>()));
        services.TryAddSingleton(sp => BoardFacts.Read() with { Preference = options.Variants, Providers = sp.GetRequiredService<BoardRuntime>().Providers });
        services.TryAddSingleton(sp => LoaderOf(sp, options));
        foreach (var slot in slots.All)
        {
            var host = new SlotHost(slot);
            services.AddSingleton(host);
            services.AddSingleton<IModelHost>(host);
            services.AddSingleton<IHostedService>(sp => new SlotRunner(
                host, [.. sp.GetServices<ISampleObserver>()], options, sp.GetRequiredService<TimeProvider>(), sp.GetRequiredService<ILogger<SlotRunner>>()));
        }

        return services;
    }

    private static ModelLoader LoaderOf(IServiceProvider services, InferenceOptions options)
    {
        var (store, board) = (services.GetRequiredService<ContentStore>(), services.GetRequiredService<BoardFacts>());
        var health = services.GetRequiredService<HealthBoard>();
        var folder = Path.Combine(services.GetRequiredService<IOptions<AgentOptions>>().Value.StateFolder, "compiled");
        return new ModelLoader(store, board, options, services.GetRequiredService<TimeProvider>())
        {
            Opener = new SessionOpener(new SessionSettings { Entries = options.SessionOptions, SharedThreads = services.GetRequiredService<BoardRuntime>().SharedThreads })
            {
                Compiled = new CompiledStore(folder, store.Has),
                KeepsGraphs = options.KeepOptimizedGraphs,
                CpuFeatures = [.. board.CpuFeatures],
            },
            FellBack = text => health.Raise(BoardRuntime.Warning, null, text, "Look whether the library in Inference:NativeLibrary fits this board's GPU software, or publish a variant for the CPU."),
        };
    }
}
