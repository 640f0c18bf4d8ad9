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
    private const long Mb = 1024 * 1024;

    /// <summary>Adds them. Observers registered as <see cref="ISampleObserver"/> see every result.</summary>
    public static IServiceCollection AddInference(this IServiceCollection services, IConfiguration configuration)
    {
        var options = services.AddSection(configuration, InferenceOptions.Section, InferenceOptions.Read);
        var slots = services.AddSection(configuration, SlotsOptions.Section, SlotsOptions.Read);
        services.TryAddSingleton(sp => new ContentStore(Path.Combine(sp.GetRequiredService<IOptions<AgentOptions>>().Value.StateFolder, "packages")));
        services.TryAddSingleton(_ => AgentProgram.Current());
        // The container has no way to wait, and nothing may ask ONNX Runtime before its library is chosen.
        services.TryAddSingleton(sp => BoardRuntime.BeginAsync(options, new RuntimeProbe(sp.GetRequiredService<AgentProgram>()), sp.GetRequiredService<HealthBoard>()).GetAwaiter().GetResult());
        services.TryAddSingleton(sp => BoardFacts.Read() with { Preference = options.Variants, Providers = sp.GetRequiredService<BoardRuntime>().Providers });
        services.TryAddSingleton(sp => new CompiledStore(
            Path.Combine(sp.GetRequiredService<IOptions<AgentOptions>>().Value.StateFolder, "compiled"), sp.GetRequiredService<ContentStore>().Has, options.CompiledMbMax * Mb));
        if (options.Providers.Contains(ExecutionProviders.TensorRt))
            services.TryAddSingleton(sp => EnginesOf(sp, options));
        services.TryAddSingleton(sp => new ModelLoader(
            sp.GetRequiredService<ContentStore>(), sp.GetRequiredService<BoardFacts>(), options, sp.GetRequiredService<TimeProvider>())
        {
            Runtime = sp.GetRequiredService<BoardRuntime>().AsUsedBy(options),
            Engines = sp.GetService<EngineCache>(),
            Graphs = options.KeepOptimizedGraphs ? GraphsOf(sp, options) : null,
        });
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

    private static EngineCache EnginesOf(IServiceProvider services, InferenceOptions options)
    {
        var runtime = services.GetRequiredService<BoardRuntime>();
        var use = runtime.AsUsedBy(options);
        return new EngineCache(
            services.GetRequiredService<CompiledStore>(), new EngineBuilder(services.GetRequiredService<AgentProgram>(), use, options.EngineBuildSeconds), services.GetRequiredService<HealthBoard>())
        {
            Runtime = use,
            Board = [.. GpuFacts.OfBoard(), .. runtime.Libraries],
        };
    }

    private static GraphCache GraphsOf(IServiceProvider services, InferenceOptions options) =>
        new(services.GetRequiredService<CompiledStore>(), services.GetRequiredService<HealthBoard>(), services.GetRequiredService<TimeProvider>())
        {
            CpuFeatures = [.. services.GetRequiredService<BoardFacts>().CpuFeatures],
            Library = services.GetRequiredService<BoardRuntime>().Library,
            RunTimeout = TimeSpan.FromSeconds(options.RunTimeoutSeconds),
        };
}
