namespace EdgeFleet.Shared.Models.Sessions;

/// <summary>How ONNX Runtime shall run a model.</summary>
public sealed record SessionSettings
{
    /// <summary>Threads of a run; 1 runs on the caller's thread alone.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Execution provider, one of <see cref="ExecutionProviders.Known"/>.</summary>
    public string Provider { get; init; } = ExecutionProviders.Cpu;

    /// <summary>Options of the provider by its own keys.</summary>
    public IReadOnlyDictionary<string, string> ProviderOptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Session options by ONNX Runtime's keys (<see cref="SessionKeys"/>), over the defaults of this project.</summary>
    public IReadOnlyDictionary<string, string> Entries { get; init; } = new Dictionary<string, string>();

    /// <summary>Where ONNX Runtime writes the graph that it optimized; null for nowhere.</summary>
    public string? SaveOptimizedTo { get; init; }

    /// <summary>The file is such a graph: it is taken as it is.</summary>
    public bool IsOptimized { get; init; }
}
