using System.Collections.Concurrent;

namespace EdgeFleet.SimulatedBoards;

/// <summary>A case of the matrix.</summary>
/// <param name="State">State of the slot that it is about.</param>
/// <param name="Kind">What happens in it.</param>
/// <param name="Name">The case, exactly.</param>
/// <param name="Story">The way that is disturbed.</param>
/// <param name="Disturb">Disturbs it, and leaves a process running. False when what it wanted to disturb did not come.</param>
internal sealed record MatrixCase(string State, string Kind, string Name, Story Story, Func<UpdateBoard, StoryRun, Task<bool>> Disturb)
{
    public override string ToString() => $"{Story.Name}, {Name}, {Kind}";
}

/// <summary>How a case ended.</summary>
/// <param name="Case">The case.</param>
/// <param name="Met">False when what it wanted to disturb did not come: then it is an undisturbed run.</param>
/// <param name="RecoveryMs">Longest time from a start to the first answer, in milliseconds of the machine.</param>
/// <param name="Wrong">What is wrong; empty when all is well.</param>
internal sealed record MatrixResult(MatrixCase Case, bool Met, double RecoveryMs, IReadOnlyList<string> Wrong)
{
    /// <summary>How long the case took.</summary>
    public double Seconds { get; init; }
}

/// <summary>Kills in every state at every call to the disk: generated from runs of the stories, so that a new write makes new cases by itself.</summary>
internal static class KillMatrix
{
    private const int NthMax = 2;

    /// <summary>Cases of one kill, by a death of the process and by a power cut, at every call that changes the disk, before, within and after it.</summary>
    public static async Task<IReadOnlyList<MatrixCase>> KillsAsync(IReadOnlyList<Story> stories)
    {
        var cases = new List<MatrixCase>();
        foreach (var story in stories)
        {
            foreach (var point in await PointsAsync(story))
            {
                DiskFault[] faults = point.Kind == DiskCallKind.Write ? [DiskFault.EndBefore, DiskFault.EndWithin, DiskFault.EndAfter] : [DiskFault.EndBefore, DiskFault.EndAfter];
                cases.AddRange(faults.SelectMany(f => new[] { false, true }, (fault, power) => Kill(story, point, fault, power)));
            }
        }

        return cases;
    }

    /// <summary>Runs cases, several at a time.</summary>
    public static async Task<IReadOnlyList<MatrixResult>> RunAsync(IReadOnlyList<MatrixCase> cases, int atOnce, CancellationToken cancel)
    {
        var results = new ConcurrentBag<MatrixResult>();
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancel }, async (c, _) => results.Add(await RunAsync(c)));
        return [.. results];
    }

    private static async Task<MatrixResult> RunAsync(MatrixCase test)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var result = await RunCaseAsync(test);
        return result with { Seconds = TimeProvider.System.GetElapsedTime(begun).TotalSeconds };
    }

    private static async Task<MatrixResult> RunCaseAsync(MatrixCase test)
    {
        await using var board = new UpdateBoard(seed: test.ToString().Sum(c => c));
        test.Story.Prepare(board);
        var run = new StoryRun(test.Story, board);
        try
        {
            var met = await test.Disturb(board, run);
            return new MatrixResult(test, met, run.SlowestRecoveryMs, await run.FinishAsync());
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new MatrixResult(test, true, run.SlowestRecoveryMs, [$"{e.GetType().Name}: {e.Message}"]);
        }
    }

    // The calls of an undisturbed run.
    private static async Task<IReadOnlyList<DiskPoint>> PointsAsync(Story story)
    {
        await using var board = new UpdateBoard();
        story.Prepare(board);
        var seen = new ConcurrentQueue<DiskPoint>();
        DiskPoint.Watch(board, point =>
        {
            if (point.Kind != DiskCallKind.Read && point.Nth <= NthMax)
                seen.Enqueue(point);
            return DiskFault.None;
        });
        var run = new StoryRun(story, board);
        if (!await run.LivesAsync(answers: true))
            throw new InvalidOperationException($"The story '{story}' ends by itself.");

        await run.StartAgainAsync();
        if (await run.FinishAsync() is { Count: > 0 } wrong)
            throw new InvalidOperationException($"The story '{story}' goes wrong by itself: {string.Join(' ', wrong)}");
        return [.. seen];
    }

    private static MatrixCase Kill(Story story, DiskPoint at, DiskFault fault, bool power) =>
        new(at.State, power ? "power cut" : "kill", $"{fault} {at}", story, async (board, run) =>
        {
            DiskPoint.Watch(board, point => point == at ? fault : DiskFault.None);
            var ends = !await run.LivesAsync(answers: true);
            if (ends)
                await board.KillAsync(power);
            await run.StartAgainAsync();
            return ends;
        });
}
