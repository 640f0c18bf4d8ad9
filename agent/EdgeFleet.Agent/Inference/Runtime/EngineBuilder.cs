using System.Globalization;
using System.Text.Json;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Processes;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>Why an engine was not built.</summary>
/// <param name="Why">A sentence.</param>
/// <param name="Failure">Whether the model or the board is at fault.</param>
internal sealed record EngineFailure(string Why, FailureKind Failure);

/// <summary>Lets TensorRT build the engine of a variant in a process of its own: that takes minutes and gigabytes, and the model before goes on serving.</summary>
/// <param name="program">The agent.</param>
/// <param name="runtime">How this board runs models.</param>
/// <param name="seconds">Patience.</param>
internal sealed class EngineBuilder(AgentProgram program, RuntimeUse runtime, int seconds)
{
    /// <summary>Builds it.</summary>
    /// <param name="packages">Folder of the packages.</param>
    /// <param name="manifest">Digest of the manifest, whose files are on disk and have been hashed.</param>
    /// <param name="variant">The variant.</param>
    /// <param name="into">Folder that the engine goes into.</param>
    /// <param name="cancel">Ends it; the process is gone then.</param>
    /// <returns>Null when it is built.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<EngineFailure?> BuildAsync(string packages, Sha256Digest manifest, Variant variant, string into, CancellationToken cancel)
    {
        string[] args =
        [
            CompileCommand.Verb, "--packages", packages, "--manifest", manifest.Value, "--variant", variant.Name, "--into", into,
            "--runtime", JsonSerializer.Serialize(runtime, RuntimeJson.Default.RuntimeUse), "--parent", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        ];
        var (end, why) = await ChildRun.RunAsync(program.Call(args), TimeSpan.FromSeconds(seconds), cancel);
        if ((end is null ? new EngineFailure($"Its process could not be started: {why}", FailureKind.Local) : Judge(end, seconds)) is { } failure)
            return failure;
        return Directory.EnumerateFiles(into).Any() ? null : new EngineFailure("TensorRT takes no part of the model.", FailureKind.Deterministic);
    }

    /// <summary>What the end of a building process means. Pure.</summary>
    public static EngineFailure? Judge(ChildEnd end, int seconds) => end switch
    {
        { TimedOut: true } => new EngineFailure($"It was not built within {seconds} s (Inference:EngineBuildSeconds).", FailureKind.Local),
        { ExitCode: 0 } => null,
        { ExitCode: 1, Output.Length: > 0 } => new EngineFailure(end.Output, FailureKind.Deterministic),
        // The first in line for the OOM killer.
        { WasKilled: true } => new EngineFailure("The board ran out of memory while it was built.", FailureKind.Local),
        { Signal: { } signal } => new EngineFailure($"The process that built it crashed (signal {signal}){end.Said}.", FailureKind.Deterministic),
        _ => new EngineFailure($"The process that built it ended with exit code {end.ExitCode}{end.Said}.", FailureKind.Local),
    };
}
