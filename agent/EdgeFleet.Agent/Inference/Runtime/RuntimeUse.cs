using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Sessions;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>How this board runs models. The agent's own processes are given it whole, so that what is compiled and rehearsed is what will serve.</summary>
internal sealed record RuntimeUse
{
    /// <summary>ONNX Runtime library; empty for the one that ships.</summary>
    public string Library { get; set; } = "";

    /// <summary>Session options by ONNX Runtime's own keys.</summary>
    public IReadOnlyDictionary<string, string> SessionOptions { get; set; } = new Dictionary<string, string>();

    /// <summary>Options of providers, by provider and by its own keys.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> ProviderOptions { get; set; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Folders of TensorRT engines by the SHA-256 of their models.</summary>
    public IReadOnlyDictionary<string, string> Engines { get; set; } = new Dictionary<string, string>();

    /// <summary>The settings for a variant.</summary>
    public SessionSettings SettingsFor(Variant variant, int threads) => new()
    {
        Threads = threads,
        Provider = variant.Provider,
        Entries = SessionOptions,
        ProviderOptions = ProviderOptionsFor(variant),
    };

    /// <summary>Options of the provider that decide what an engine looks like, without where it is kept.</summary>
    public Dictionary<string, string> EngineOptionsFor(Variant variant)
    {
        var options = new Dictionary<string, string>(ProviderOptions.GetValueOrDefault(variant.Provider) ?? new Dictionary<string, string>());
        if (variant.Provider != ExecutionProviders.TensorRt)
            return options;

        // TensorRT takes no precision from the file: the variant's name says what it was packed for.
        options.TryAdd("trt_fp16_enable", variant.Name.Contains("fp32", StringComparison.Ordinal) ? "0" : "1");
        options.TryAdd("trt_int8_enable", variant.Name.Contains("int8", StringComparison.Ordinal) ? "1" : "0");
        return options;
    }

    private Dictionary<string, string> ProviderOptionsFor(Variant variant)
    {
        var options = EngineOptionsFor(variant);
        if (Engines.TryGetValue(variant.File.Digest.Value, out var folder))
            (options["trt_engine_cache_enable"], options["trt_engine_cache_path"]) = ("1", folder);
        return options;
    }
}
