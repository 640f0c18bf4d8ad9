using EdgeFleet.Agent.Hosting;
using EdgeFleet.Shared.Models.Sessions;

namespace EdgeFleet.Agent.Inference;

/// <summary>How models are chosen and run. Section <c>Inference</c>.</summary>
internal sealed record InferenceOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Inference";

    private const string SessionOptionsExample = "\"session.dynamic_block_base\": \"4\"";

    /// <summary>Seconds after which a run is ended and the sample counted as failed by the model.</summary>
    public int RunTimeoutSeconds { get; init; } = 30;

    /// <summary>Seconds after that in which a run that hangs in native code may still come back; then the process ends itself and systemd starts it anew.</summary>
    public int HangGraceSeconds { get; init; } = 30;

    /// <summary>Names of variants, the best first; what is not named comes after, if it runs on the CPU.</summary>
    public IReadOnlyList<string> Variants { get; init; } = ["cpu-int8", "cpu-fp32"];

    /// <summary>ONNX Runtime library to use in place of the one that ships; empty for that one.</summary>
    public string NativeLibrary { get; init; } = "";

    /// <summary>Execution providers that may be used, the best first. One that is not there is reported and passed over.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [ExecutionProviders.Cpu];

    /// <summary>Session options of ONNX Runtime by its own keys (<see cref="SessionKeys"/>).</summary>
    public IReadOnlyDictionary<string, string> SessionOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Options of providers, by provider and by its own keys (<see cref="ProviderKeys"/>).</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> ProviderOptions { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>Seconds that the building of one TensorRT engine may take.</summary>
    public int EngineBuildSeconds { get; init; } = 1800;

    /// <summary>Keep the graph that ONNX Runtime optimized and load that one the next time (decision 0008).</summary>
    public bool KeepOptimizedGraphs { get; init; }

    /// <summary>Most megabytes of all that is compiled for models on this board.</summary>
    public int CompiledMbMax { get; init; } = 512;

    /// <summary>Reads the section.</summary>
    public static InferenceOptions Read(ConfigSection section) => new()
    {
        NativeLibrary = NativeLibraryOf(section),
        Providers = ProvidersOf(section),
        SessionOptions = Fitting(section, "SessionOptions", SessionOptionsExample, SessionKeys.All),
        ProviderOptions = ProviderOptionsOf(section.Section("ProviderOptions")),
        EngineBuildSeconds = section.Int("EngineBuildSeconds", 1800, 10, 24 * 3600),
        KeepOptimizedGraphs = section.Flag("KeepOptimizedGraphs", false),
        CompiledMbMax = section.Int("CompiledMbMax", 512, 1, 1 << 20),
        RunTimeoutSeconds = section.Int("RunTimeoutSeconds", 30, 1, 3600),
        HangGraceSeconds = section.Int("HangGraceSeconds", 30, 1, 3600),
        Variants = section.List("Variants", ["cpu-int8", "cpu-fp32"], "[\"cpu-int8\", \"cpu-fp32\"]"),
    };

    private static IReadOnlyList<string> ProvidersOf(ConfigSection section)
    {
        var providers = section.List("Providers", [ExecutionProviders.Cpu], "[\"tensorrt\", \"cpu\"]");
        foreach (var stray in providers.Except(ExecutionProviders.Known))
            section.Fault("Providers", $"names '{stray}', which is no execution provider; there are {string.Join(", ", ExecutionProviders.Known)}", "[\"tensorrt\", \"cpu\"]");
        return [.. providers.Intersect(ExecutionProviders.Known)];
    }

    private static string NativeLibraryOf(ConfigSection section)
    {
        var path = section.Text("NativeLibrary", "");
        if (path.Length == 0 || Path.IsPathFullyQualified(path))
            return path;

        section.Fault("NativeLibrary", $"is '{path}', but must be a whole path", "\"/opt/onnxruntime/lib/libonnxruntime.so\"");
        return "";
    }

    private static Dictionary<string, IReadOnlyDictionary<string, string>> ProviderOptionsOf(ConfigSection section)
    {
        var all = ExecutionProviders.Known.Where(section.Has).ToDictionary(
            p => p, IReadOnlyDictionary<string, string> (p) => Fitting(section, p, "\"trt_builder_optimization_level\": \"3\"", ProviderKeys.Of(p)));
        section.RejectUnknown();
        return all;
    }

    private static Dictionary<string, string> Fitting(ConfigSection section, string key, string example, OptionKeys known)
    {
        var fitting = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in section.Texts(key, $"{{ {example} }}"))
        {
            if (known.WhyNot(name, value) is { } why)
                section.Fault($"{key}:{name}", why, example);
            else
                fitting[name] = value;
        }

        return fitting;
    }
}
