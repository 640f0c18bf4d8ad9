using System.Globalization;
using System.Text.Json;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>
/// <c>edgefleet-agent runtime [--library FILE] [--providers LIST] [--json] [--config FILE]</c>: loads an ONNX Runtime library and runs a small model on each
/// provider. What is not named stands in the configuration. The agent asks so before it uses a library, and a person before naming one.
/// </summary>
internal static class RuntimeCommand
{
    /// <summary>The command's name.</summary>
    public const string Verb = "runtime";

    /// <summary>Runs the command.</summary>
    /// <returns>0 all of it works, 1 something does not, 2 wrong call, 3 the parent is gone.</returns>
    /// <exception cref="ConfigException">The configuration was asked for and cannot be used.</exception>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        var parsed = CommandArgs.Parse(args, ["--json"], ["--library", "--providers", "--parent"]);
        if (parsed.Fault is not null)
            return parsed.Refuse(errors, Verb, "[--library FILE] [--providers NAME,NAME] [--json] [--config FILE]");

        var own = parsed.Value("--library") is null || parsed.Value("--providers") is null ? Configured(parsed) : new InferenceOptions();
        var library = parsed.Value("--library") ?? own.NativeLibrary;
        var providers = parsed.Value("--providers")?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? own.Providers;
        // A person gets an answer where the library would take this process down.
        var report = int.TryParse(parsed.Value("--parent"), NumberStyles.None, CultureInfo.InvariantCulture, out var parent)
            ? LookAsChild(library, providers, parent)
            : await new RuntimeProbe(AgentProgram.Current()).LookAsync(library, providers);
        if (parsed.Has("--json"))
            await output.WriteLineAsync(JsonSerializer.Serialize(report, RuntimeJson.Default.RuntimeReport));
        else
            await PrintAsync(report, library, output);
        await output.FlushAsync();
        return report.Fault is null && report.Providers.All(p => p.Fault is null) ? 0 : 1;
    }

    /// <summary>The arguments by which a process looks for the agent.</summary>
    public static string[] ArgumentsOf(string library, string provider) =>
        ["--library", library, "--providers", provider, "--json", "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)];

    // A method of its own, so that a child of the agent, which names both, loads nothing of the configuration.
    private static InferenceOptions Configured(CommandArgs parsed) => ConfigFile.Load(parsed.ConfigPath).ReadSection(InferenceOptions.Section, InferenceOptions.Read);

    private static RuntimeReport LookAsChild(string library, IReadOnlyList<string> providers, int parent)
    {
        RehearsalLimits.StandAside(parent);
        try
        {
            var before = GpuFacts.Mapped();
            if (library.Length > 0 && NativeRuntime.Use(library) is { } why)
                return new RuntimeReport { Fault = why };

            return new RuntimeReport
            {
                Version = OrtEnv.Instance().GetVersionString(),
                Providers = [.. providers.Select(p => new ProviderReport(p, FaultOf(p)))],
                Libraries = [.. GpuFacts.Mapped().Except(before).Order(StringComparer.Ordinal).Select(GpuFacts.Library)],
            };
        }
        catch (Exception e) when (e is TypeInitializationException or OnnxRuntimeException or DllNotFoundException or EntryPointNotFoundException)
        {
            return new RuntimeReport { Fault = (e.InnerException ?? e).Message };
        }
    }

    private static string? FaultOf(string provider) => ExecutionProviders.Known.Contains(provider)
        ? ExecutionProviders.WhyAbsent(provider)
        : $"there is no such provider; there are {string.Join(", ", ExecutionProviders.Known)}";

    private static async Task PrintAsync(RuntimeReport report, string library, TextWriter output)
    {
        var name = library.Length > 0 ? library : "the library that comes with the agent";
        await output.WriteLineAsync($"library    {name}: {(report.Fault is { } fault ? $"cannot be used: {fault}" : $"ONNX Runtime {report.Version}")}");
        foreach (var provider in report.Providers)
            await output.WriteLineAsync($"{provider.Name,-10} {(provider.Fault is { } why ? $"cannot be used: {why}" : "works")}");
    }
}
