using System.Text.Json;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Shared.Models.Sessions;
using EdgeFleet.Shared.Processes;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>Looks into an ONNX Runtime library by processes of its own: a library for another board may crash or hang whoever loads it.</summary>
/// <param name="program">The agent.</param>
/// <param name="seconds">Patience; loading TensorRT takes long on a cold Jetson.</param>
internal sealed class RuntimeProbe(AgentProgram program, int seconds = 60)
{
    /// <summary>What is in it. The library is judged by its CPU, and every other provider by itself, all at once: one that crashes or hangs speaks against no other.</summary>
    /// <param name="library">The library; empty for the one that ships.</param>
    /// <param name="providers">Providers to ask for.</param>
    public async Task<RuntimeReport> LookAsync(string library, IReadOnlyList<string> providers)
    {
        var others = providers.Where(p => p != ExecutionProviders.Cpu).Distinct().ToList();
        var reports = await Task.WhenAll(others.Prepend(ExecutionProviders.Cpu).Select(p => TryAsync(library, p)));
        return Merge(reports[0], [.. others.Zip(reports.Skip(1))], providers);
    }

    private async Task<RuntimeReport> TryAsync(string library, string provider)
    {
        var (end, why) = await ChildRun.RunAsync(
            program.Call([RuntimeCommand.Verb, .. RuntimeCommand.ArgumentsOf(library, provider)]), TimeSpan.FromSeconds(seconds), CancellationToken.None);
        return end is null ? new RuntimeReport { Fault = $"it could not be tried: {why}" } : Judge(end, seconds);
    }

    /// <summary>The report of a process that has ended. Pure.</summary>
    public static RuntimeReport Judge(ChildEnd end, int seconds) => end switch
    {
        { TimedOut: true } => new RuntimeReport { Fault = $"a process that tried it did not come back within {seconds} s" },
        { ExitCode: 0 or 1 } when Read(end.Output) is { } report => report,
        { Signal: { } signal } => new RuntimeReport { Fault = $"a process that tried it crashed (signal {signal}){end.Said}" },
        _ => new RuntimeReport { Fault = $"a process that tried it ended with exit code {end.ExitCode}{end.Said}" },
    };

    private static RuntimeReport Merge(RuntimeReport cpu, IReadOnlyList<(string Provider, RuntimeReport Report)> others, IReadOnlyList<string> asked)
    {
        if (cpu.Fault is not null)
            return cpu;

        var found = others.Select(o => new ProviderReport(o.Provider, o.Report.Fault ?? (o.Report.Providers is [var only] ? only.Fault : "nothing was said of it"))).Concat(cpu.Providers).ToDictionary(p => p.Name);
        return cpu with
        {
            Providers = [.. asked.Distinct().Select(a => found[a])],
            Libraries = [.. others.SelectMany(o => o.Report.Libraries).Concat(cpu.Libraries).Distinct().Order(StringComparer.Ordinal)],
        };
    }

    private static RuntimeReport? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, RuntimeJson.Default.RuntimeReport);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
