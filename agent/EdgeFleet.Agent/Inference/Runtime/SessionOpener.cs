using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>Opens a model in the way of this board: its session options, its threads, and what was compiled for it before.</summary>
/// <param name="settings">What is the same for all models.</param>
internal sealed class SessionOpener(SessionSettings settings)
{
    private static readonly string[] TensorRtOn = ["trt_engine_cache_enable", "trt_timing_cache_enable", "trt_fp16_enable"];

    /// <summary>Where compiled models are kept; null to keep none.</summary>
    public CompiledStore? Compiled { get; init; }

    /// <summary>Keep optimized graphs of CPU models.</summary>
    public bool KeepsGraphs { get; init; }

    /// <summary>CPU features, which an optimized graph depends on.</summary>
    public IReadOnlyCollection<string> CpuFeatures { get; init; } = [];

    /// <summary>Opens a variant's file, which has been hashed just before.</summary>
    /// <exception cref="ModelLoadException">ONNX Runtime refuses it, or it does not fit its manifest.</exception>
    public async Task<ModelSession> OpenAsync(string path, Manifest manifest, Variant variant, ModelUse use, CancellationToken cancel)
    {
        var own = settings with { Threads = use.Threads, Provider = variant.Provider };
        if (Compiled is { } compiled && variant.Provider == ExecutionProviders.TensorRt)
            own = own with { ProviderOptions = EnginesIn(compiled.EngineFolder(FactsOf(variant) with { Gpu = GpuFacts.Read() })) };
        return KeepsGraphs && Compiled is { } graphs && variant.Provider == ExecutionProviders.Cpu
            ? await OpenGraphAsync(graphs, path, manifest, variant, (own, use.Batch), cancel)
            : ModelSession.Load(path, manifest.Input, manifest.Output, own, use.Batch);
    }

    /// <summary>What a compiled model of a variant depends on, without the GPU.</summary>
    public EngineFacts FactsOf(Variant variant) => new()
    {
        Model = variant.File.Digest,
        Runtime = OrtEnv.Instance().GetVersionString(),
        Provider = variant.Provider,
        CpuFeatures = CpuFeatures,
        Options = settings.Entries,
    };

    private async Task<ModelSession> OpenGraphAsync(CompiledStore graphs, string path, Manifest manifest, Variant variant, (SessionSettings Settings, int Batch) how, CancellationToken cancel)
    {
        var facts = FactsOf(variant);
        if (await graphs.FindGraphAsync(facts, cancel) is { } optimized)
        {
            try
            {
                return ModelSession.Load(optimized, manifest.Input, manifest.Output, how.Settings with { IsOptimized = true }, how.Batch);
            }
            catch (ModelLoadException)
            {
                // The model itself is what counts.
                graphs.Discard(facts);
            }
        }

        var session = ModelSession.Load(path, manifest.Input, manifest.Output, how.Settings with { SaveOptimizedTo = graphs.RoomFor(facts) }, how.Batch);
        try
        {
            await graphs.KeepGraphAsync(facts, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            graphs.Discard(facts);
        }

        return session;
    }

    private static Dictionary<string, string> EnginesIn(string folder)
    {
        var options = TensorRtOn.ToDictionary(k => k, _ => "1");
        (options["trt_engine_cache_path"], options["trt_timing_cache_path"]) = (folder, folder);
        return options;
    }
}
