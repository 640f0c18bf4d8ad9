using System.Text.Json;
using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>Looks into an ONNX Runtime library by a process of its own: a library for another board may crash or hang whoever loads it.</summary>
/// <param name="program">The agent.</param>
/// <param name="seconds">Patience; loading TensorRT takes long on a cold Jetson.</param>
internal sealed class RuntimeProbe(AgentProgram program, int seconds = 60)
{
    private const int SignalBase = 128;

    /// <summary>What is in it.</summary>
    /// <param name="library">The library; empty for the one that ships.</param>
    /// <param name="providers">Providers to ask for.</param>
    public async Task<RuntimeReport> LookAsync(string library, IReadOnlyList<string> providers)
    {
        var (end, why) = await ChildRun.RunAsync(program, [RuntimeCommand.Verb, .. RuntimeCommand.ArgumentsOf(library, providers)], seconds, CancellationToken.None);
        return end is null ? new RuntimeReport { Fault = $"it could not be tried: {why}" } : Judge(end, seconds);
    }

    /// <summary>The report of a process that has ended. Pure.</summary>
    public static RuntimeReport Judge(ChildEnd end, int seconds) => end switch
    {
        { TimedOut: true } => new RuntimeReport { Fault = $"a process that tried it did not come back within {seconds} s" },
        { ExitCode: 0 or 1 } when Read(end.Output) is { } report => report,
        { ExitCode: > SignalBase } => new RuntimeReport { Fault = $"a process that tried it crashed (signal {end.ExitCode - SignalBase}){Tail(end.Errors)}" },
        _ => new RuntimeReport { Fault = $"a process that tried it ended with exit code {end.ExitCode}{Tail(end.Errors)}" },
    };

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

    private static string Tail(string errors) => errors.Trim() is { Length: > 0 } text ? $": {text}" : "";
}
