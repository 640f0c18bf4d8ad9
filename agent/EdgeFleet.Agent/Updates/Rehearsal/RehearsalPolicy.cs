using System.Text.Json;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;
using EdgeFleet.Shared.Processes;

namespace EdgeFleet.Agent.Updates.Rehearsal;

/// <summary>Reads a verdict out of the end of a rehearsing process. Pure. Whatever does not end well is the candidate's fault, except what the board did to it.</summary>
internal static class RehearsalPolicy
{
    private const int ParentGone = 3;

    /// <summary>The verdict.</summary>
    public static RehearsalReport Judge(ChildEnd end, int seconds, long memoryMb) => end switch
    {
        { TimedOut: true } => Refused($"It hung: no answer within {seconds} s, so it was killed.", FailureKind.Deterministic),
        { ExitCode: 0 or 1 } when Read(end.Output) is { } report && report.Passed == (end.ExitCode == 0) => report,
        // The limit of its own budget makes allocations fail; a kill from outside is the board's OOM killer, before which it stands first in line.
        { WasKilled: true } => Refused($"The board ran out of memory beside the serving model, and the rehearsal ({memoryMb} MB) was ended.", FailureKind.Local),
        { Signal: { } signal } => Refused($"It crashed (signal {signal}){end.Said}, with {memoryMb} MB allowed.", FailureKind.Deterministic),
        { ExitCode: ParentGone } => Refused("The agent was gone when the rehearsal began.", FailureKind.Local),
        _ => Refused($"Its rehearsal ended with exit code {end.ExitCode} and no verdict{end.Said}.", FailureKind.Deterministic),
    };

    /// <summary>The verdict when no process came about.</summary>
    public static RehearsalReport NotStarted(string why) => Refused($"The rehearsal could not be started: {why}", FailureKind.Local);

    /// <summary>The evidence that a comparing process printed; null when it is none.</summary>
    public static CandidateEvidence? ReadEvidence(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, WireJson.Default.CandidateEvidence);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RehearsalReport? Read(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, WireJson.Default.RehearsalReport);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static RehearsalReport Refused(string why, FailureKind failure) => new() { Passed = false, Summary = why, Failure = failure };
}
