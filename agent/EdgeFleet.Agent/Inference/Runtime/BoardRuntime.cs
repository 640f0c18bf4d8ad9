using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Models.Sessions;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>What ONNX Runtime offers on this board, found out once at the start.</summary>
/// <param name="Providers">Execution providers that work, in the order of the configuration; the CPU is always among them.</param>
/// <param name="Library">The library in use; empty for the one that ships.</param>
internal sealed record BoardRuntime(IReadOnlyList<string> Providers, string Library)
{
    /// <summary>Code of the warning that the board's own library is not used.</summary>
    public const string LibraryWarning = "runtime-library-not-used";

    /// <summary>Code of the warning that providers are passed over.</summary>
    public const string ProviderWarning = "provider-not-there";

    /// <summary>The libraries that the providers brought into memory (<see cref="RuntimeReport.Libraries"/>).</summary>
    public IReadOnlyList<string> Libraries { get; init; } = [];

    /// <summary>Finds out. What is asked for and does not work is a warning and no fault: a board must serve.</summary>
    /// <param name="options">Library and providers.</param>
    /// <param name="probe">Tries them.</param>
    /// <param name="health">Where it is said.</param>
    public static async Task<BoardRuntime> BeginAsync(InferenceOptions options, RuntimeProbe probe, HealthBoard health)
    {
        var library = options.NativeLibrary;
        if (library.Length == 0 && options.Providers.All(p => p == ExecutionProviders.Cpu))
            return new BoardRuntime([ExecutionProviders.Cpu], "");

        var report = await probe.LookAsync(library, options.Providers);
        if (library.Length > 0 && (report.Fault ?? NativeRuntime.Use(library)) is { } why)
        {
            health.Raise(LibraryWarning, null, $"{library} is not used: {why}. The ONNX Runtime that comes with the agent serves instead.",
                "Put a library built for this board there, or take Inference:NativeLibrary out; then restart the agent. To try one: edgefleet-agent runtime --library FILE");
            library = "";
            report = options.Providers.All(p => p == ExecutionProviders.Cpu) ? new RuntimeReport() : await probe.LookAsync(library, options.Providers);
        }

        var providers = Working(report, options.Providers);
        if (options.Providers.Where(p => !providers.Contains(p)).ToList() is { Count: > 0 } absent)
        {
            health.Raise(ProviderWarning, null,
                $"Models run on {string.Join(", ", providers)}: {string.Join("; ", absent.Select(p => $"{p} cannot be used: {WhyOf(report, p)}"))}",
                "Look after the board's GPU software and name an ONNX Runtime library that has the provider in Inference:NativeLibrary, or take it out of Inference:Providers; then restart the agent. To try: edgefleet-agent runtime");
        }

        return new BoardRuntime(providers, library) { Libraries = report.Libraries };
    }

    /// <summary>The providers that work in the order that was asked for, and the CPU. Pure.</summary>
    public static IReadOnlyList<string> Working(RuntimeReport report, IReadOnlyList<string> asked) =>
        [.. asked.Where(a => report.Providers.Any(p => p.Name == a && p.Fault is null)).Append(ExecutionProviders.Cpu).Distinct()];

    /// <summary>What a process of the agent's own needs in order to run models alike.</summary>
    public RuntimeUse AsUsedBy(InferenceOptions options) => new() { Library = Library, SessionOptions = options.SessionOptions, ProviderOptions = options.ProviderOptions };

    private static string WhyOf(RuntimeReport report, string provider) => report.Providers.FirstOrDefault(p => p.Name == provider)?.Fault ?? report.Fault ?? "nothing was found out";
}
