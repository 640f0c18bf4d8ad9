using System.Net;
using EdgeFleet.Agent.Updates;

namespace EdgeFleet.SimulatedBoards;

/// <summary>The rest of the matrix: kills in every later start, and errors and hangs of the step that each state names.</summary>
internal static class FaultMatrix
{
    private const int StartsKilledMax = 13; // More than Updates:StartsMax, so that every guard against loops comes into play.
    private const int CallsMax = 6;

    /// <summary>In each state: every start from there on ends at its nth call to the disk, until nothing is written so late any more or patience ends.</summary>
    public static IEnumerable<MatrixCase> LaterStarts() =>
        from entry in States
        from power in new[] { false, true }
        from call in Enumerable.Range(1, CallsMax)
        select new MatrixCase(entry.State, power ? "cut in every later start" : "killed in every later start", $"{entry.State}: call {call} of every start", StoryOf(entry.Story), async (board, run) =>
        {
            if (!await ReachesAsync(board, run, entry.State))
                return false;

            var ended = true;
            for (var start = 0; start < StartsKilledMax; start++)
            {
                await board.KillAsync(power);
                ended = false;
                EndAtWrite(board, call);
                if (await run.LivesAsync(answers: false))
                    break;
                ended = true;
            }

            if (ended)
                await board.KillAsync(power);
            await board.StartAsync();
            return true;
        });

    /// <summary>Each step fails, and each save.</summary>
    public static IEnumerable<MatrixCase> Errors() =>
    [
        .. from status in new[] { HttpStatusCode.NotFound, HttpStatusCode.InternalServerError, HttpStatusCode.TooManyRequests, HttpStatusCode.Redirect, HttpStatusCode.Forbidden }
           select Case("Downloading", "error", $"the server answers {(int)status}", "good", board => board.Source.Order(() => new HttpResponseMessage(status))),
        .. from status in new[] { HttpStatusCode.NotFound, HttpStatusCode.InternalServerError, HttpStatusCode.TooManyRequests, HttpStatusCode.Redirect }
           select Case("Downloading", "error", $"the server of deltas answers {(int)status}", "delta", board => board.Source.OrderDelta(() => new HttpResponseMessage(status))),
        Case("Verifying", "error", "a file goes bad on the disk", "good", board => board.In("Verifying", () => File.WriteAllBytes(board.PathOf(Boards.V2), [1, 2, 3]))),
        Case("Verifying", "error", "a file is gone", "good", board => board.In("Verifying", () => File.Delete(board.PathOf(Boards.V2)))),
        Case("Rehearsing", "error", "the rehearsal crashes", "refused", board => board.Rehearsal = new("/bin/sh", ["-c", "kill -SEGV $$"])),
        Case("Rehearsing", "error", "the rehearsal cannot be started", "refused", board => board.Rehearsal = new("/nowhere/agent", [])),
        Case("Rehearsing", "error", "the rehearsal talks nonsense", "refused", board => board.Rehearsal = UpdateBoard.Says("fine", 0)),
        Case("Activating", "error", "the model cannot be loaded", "good", board => board.In("Activating", () => File.Delete(board.PathOf(Boards.V2)))),
        Case("Probation", "error", "the model answers with nothing", "faulty", _ => { }),
        Case("RollingBack", "error", "the model before is gone", "stuck", _ => { }),
        .. from entry in States
           from kind in new[] { DiskCallKind.Open, DiskCallKind.Write, DiskCallKind.Sync, DiskCallKind.Rename, DiskCallKind.SyncFolder }
           from fault in new[] { DiskFault.InputOutput, DiskFault.InputOutputAfter, DiskFault.NoSpace }
           select Case(entry.State, "error", $"{fault} of every first {kind} in {entry.State}", entry.Story, board =>
               DiskPoint.Watch(board, p => p.State == entry.State && p.Kind == kind && p.Nth == 1 ? fault : DiskFault.None)),
    ];

    /// <summary>Each step hangs.</summary>
    public static IEnumerable<MatrixCase> Hangs() =>
    [
        Case("Downloading", "hang", "the server falls silent", "good", board => board.Source.Order(Silent)),
        Case("Downloading", "hang", "the server falls silent for every try", "good", board => { for (var i = 0; i < 4; i++) board.Source.Order(Silent); }),
        Case("Downloading", "hang", "the server of deltas falls silent", "delta", board => board.Source.OrderDelta(Silent)),
        Case("Verifying", "hang", "a read does not come back", "good", board => board.In("Verifying", () => board.Pipe(board.PathOf(Boards.V2)))),
        Case("Rehearsing", "hang", "the rehearsal does not end", "refused", board =>
            (board.Rehearsal, board.Options) = (new("/bin/sh", ["-c", "exec sleep 1000"]), board.Options with { RehearsalSeconds = 1 })),
        Case("Activating", "hang", "the model's file does not open", "good", board => board.In("Activating", () => board.Pipe(board.PathOf(Boards.V2)))),
        Case("Probation", "hang", "the model does not come back from a sample", "faulty", board => board.HangsIn = Boards.Faulty.Ref.Label),
        Case("RollingBack", "hang", "the file of the model before does not open", "stuck", board => board.Pipe(board.PathOf(Boards.V1))),
    ];

    // A state, and a story that comes through it.
    private static (string State, string Story)[] States =>
    [
        (nameof(Idle), "first"), (nameof(Downloading), "good"), (nameof(Downloading), "delta"), (nameof(Downloading), "signed"), (nameof(Verifying), "good"), (nameof(Rehearsing), "good"), (nameof(Shadowing), "good"), (nameof(Activating), "good"),
        (nameof(Activating), "back"), (nameof(Probation), "good"), (nameof(Committed), "good"), (nameof(Rejected), "refused"), (nameof(RollingBack), "faulty"), (nameof(RollingBack), "recalled"),
        (nameof(RolledBack), "faulty"), (nameof(Inconsistent), "stuck"),
    ];

    private static Story StoryOf(string name) => Story.All.Single(s => s.Name == name);

    private static HttpResponseMessage Silent() => new(HttpStatusCode.OK) { Content = new StreamContent(new SilentStream()) };

    private static MatrixCase Case(string state, string kind, string name, string story, Action<UpdateBoard> prepare) => new(state, kind, name, StoryOf(story), async (board, run) =>
    {
        prepare(board);
        await run.StartAsync();
        return true;
    });

    private static async Task<bool> ReachesAsync(UpdateBoard board, StoryRun run, string state)
    {
        // Ended at the first call to the disk in that state, or the state would be over before it is seen.
        DiskPoint.Watch(board, p => p.State == state && p.Kind != DiskCallKind.Read ? DiskFault.EndBefore : DiskFault.None);
        return !await run.LivesAsync(answers: false);
    }

    private static void EndAtWrite(UpdateBoard board, int call)
    {
        var calls = 0;
        board.Disk.Faults = c => c.Kind != DiskCallKind.Read && Interlocked.Increment(ref calls) == call ? DiskFault.EndBefore : DiskFault.None;
    }
}
