using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Models.Sessions;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>What ONNX Runtime offers on this board, probed once at the start.</summary>
/// <param name="Providers">Execution providers that are there, in the order of the configuration; the CPU is always among them.</param>
/// <param name="SharedThreads">True when sessions of several threads share those of the process.</param>
internal sealed record BoardRuntime(IReadOnlyList<string> Providers, bool SharedThreads)
{
    /// <summary>Code of the warning that something asked for is not there.</summary>
    public const string Warning = "runtime-fell-back";

    /// <summary>Prepares the library and asks it. What is asked for and absent is a warning, not a fault: a board must serve.</summary>
    /// <param name="options">Library and providers.</param>
    /// <param name="threads">Most threads that a slot asks for.</param>
    /// <param name="health">Where it says what is not there.</param>
    public static BoardRuntime Begin(InferenceOptions options, int threads, HealthBoard health)
    {
        var faults = new List<string>();
        if (options.NativeLibrary.Length > 0 && NativeRuntime.Use(options.NativeLibrary) is { } why)
            faults.Add($"{options.NativeLibrary} is not used: {why}.");

        var shared = NativeRuntime.ShareThreads(threads);
        var absent = options.Providers.Where(p => p != ExecutionProviders.Cpu).Select(p => (Provider: p, Why: ExecutionProviders.WhyAbsent(p))).Where(p => p.Why is not null).ToList();
        faults.AddRange(absent.Select(p => $"{p.Provider} is not there: {p.Why}"));
        var providers = options.Providers.Except(absent.Select(p => p.Provider)).Append(ExecutionProviders.Cpu).Distinct().ToList();
        if (faults.Count > 0)
        {
            health.Raise(Warning, null, $"{string.Join(' ', faults)} Models run on {string.Join(", ", providers)}.",
                "Name an ONNX Runtime library that has the provider in Inference:NativeLibrary, built for this board with it, or take it out of Inference:Providers.");
        }

        return new BoardRuntime(providers, shared);
    }
}
