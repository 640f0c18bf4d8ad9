using EdgeFleet.Agent.Updates;

namespace EdgeFleet.SimulatedBoards;

/// <summary>
/// Random faults of the disk through some processes of a board: failed and half-done calls, a full disk, drives that lie about their cache, deaths and power cuts.
/// Then the disk is well, a good package is wished, and that one clean try must converge.
/// </summary>
internal static class IoFaults
{
    private const int LivesMax = 3;
    private static readonly TimeSpan LifeMax = TimeSpan.FromMilliseconds(500);
    private static readonly Wish Clean = new(Boards.V3.Ref, Attempt: 50, Rollout: 99);

    /// <summary>Runs one seed.</summary>
    /// <returns>What is wrong; empty when all is well. The faults that were met are counted.</returns>
    public static async Task<(IReadOnlyList<string> Wrong, int Faults)> RunAsync(int seed)
    {
        var random = new Random(seed);
        var story = Story.All[random.Next(Story.All.Count)];
        await using var board = new UpdateBoard(seed);
        var met = 0;
        try
        {
            story.Prepare(board);
            for (var life = 1 + random.Next(LivesMax); life > 0; life--)
            {
                BreakAtRandom(board, random.Next(), () => Interlocked.Increment(ref met));
                await LiveAsync(board, story);
                await board.KillAsync(powerCut: random.Next(2) == 0);
            }

            board.Disk.Faults = null;
            return (await ConvergeAsync(board), met);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return ([$"{story}: {e.GetType().Name}: {e.Message}"], met);
        }
    }

    private static async Task LiveAsync(UpdateBoard board, Story story)
    {
        try
        {
            if (board.Wished is null)
                board.Wish(story.Wishes[0].Wish);
            await board.StartAsync();
            await board.UntilAsync(board.IsSettled, "rest", LifeMax);
        }
        catch (Exception e) when (e is ProcessEndedException or TimeoutException)
        {
            // A disk like this may let nothing come to an end.
        }
    }

    private static async Task<IReadOnlyList<string>> ConvergeAsync(UpdateBoard board)
    {
        board.Rehearsal = UpdateBoard.Says("""{"passed":true,"summary":"It agrees."}""", 0);
        board.Wish(Clean);
        await board.StartAsync();
        await board.UntilAsync(board.IsSettled, "rest after the clean try");
        var wrong = new List<string>();
        if (board.Life.State is not Committed)
            wrong.Add($"The clean try ended in {board.Life.State}.");
        await board.ServesAsync(Boards.V3.Ref);
        await board.StopAsync();
        await board.StartAsync();
        await board.ServesAsync(Boards.V3.Ref);
        await board.StopAsync();
        return [.. wrong, .. board.Complaints];
    }

    private static void BreakAtRandom(UpdateBoard board, int seed, Action met)
    {
        var random = new Random(seed);
        var share = 0.005 + random.NextDouble() * 0.2;
        board.Disk.Faults = call =>
        {
            lock (random)
            {
                if (random.NextDouble() >= share)
                    return DiskFault.None;
                met();
                return random.Next(8) switch
                {
                    0 or 1 => DiskFault.InputOutput,
                    2 => DiskFault.InputOutputAfter,
                    3 => DiskFault.NoSpace,
                    4 or 5 => DiskFault.Lost,
                    6 => DiskFault.EndWithin,
                    _ => DiskFault.EndAfter,
                };
            }
        };
    }
}
