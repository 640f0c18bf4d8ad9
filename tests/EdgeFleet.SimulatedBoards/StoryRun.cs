using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.SimulatedBoards;

/// <summary>Leads a board through a story, over as many processes as it takes, and says at the end what is not as it must be.</summary>
internal sealed class StoryRun(Story story, UpdateBoard board)
{
    private int _made;

    /// <summary>Longest time from a start to the first answer of the slot's model, in milliseconds of the machine.</summary>
    public double SlowestRecoveryMs { get; private set; }

    /// <summary>Starts a process, and with the first the first wish is made.</summary>
    public async Task StartAsync()
    {
        if (_made == 0)
            board.Wish(story.Wishes[_made++].Wish);
        await board.StartAsync();
    }

    /// <summary>One whole process: from its start through the story to a stop in order; false when it ended before.</summary>
    /// <param name="answers">True to wait until a verified model answers before the stop.</param>
    public async Task<bool> LivesAsync(bool answers)
    {
        try
        {
            await StartAsync();
            return await GoOnAsync() && (!answers || await board.ServesAsync([.. Boards.Verified.Select(p => p.Ref)])) && await board.StopAsync();
        }
        catch (ProcessEndedException)
        {
            return false;
        }
    }

    /// <summary>Makes the wishes that are left, each in its time, and waits for the end; false when the process ended first.</summary>
    public async Task<bool> GoOnAsync()
    {
        for (; _made < story.Wishes.Count; _made++)
        {
            var (wish, when) = story.Wishes[_made];
            if (!await board.UntilAsync(l => board.IsSettled(l) || (when is not null && Reached(l, when)), $"the time for wish {_made + 1}"))
                return false;
            board.Wish(wish);
        }

        return await board.UntilAsync(board.IsSettled, "rest");
    }

    /// <summary>Waits for rest; if the story did not end as it should, makes one clean try more; then a verified model must serve, and again after a start.</summary>
    /// <returns>What is wrong; empty when all is well.</returns>
    public async Task<IReadOnlyList<string>> FinishAsync()
    {
        var wrong = new List<string>();
        var verified = Boards.Verified.Select(p => p.Ref).ToList();
        // A hang ends the process, as often as its model is charged with it.
        for (var ends = 0; !await GoOnAsync(); ends++)
        {
            if (board.HangsIn is null || ends > Boards.Options.CrashesMax)
                return ["The process ended although nothing ended it."];
            await board.KillAsync(powerCut: false);
            await board.StartAsync();
        }

        if (board.Life.State.Name != story.Ends && board.Wished is { } wish && story.Ends == nameof(Committed))
        {
            board.Wish(wish with { Attempt = wish.Attempt + 10 });
            await board.UntilAsync(board.IsSettled, "rest after a clean try");
        }

        if (board.Life.State.Name != story.Ends)
            wrong.Add($"It ended in {board.Life.State}, not in {story.Ends}.");
        await board.ServesAsync(verified);
        var serves = board.Life.Leaf.Host.Active!.Package;
        if (serves != story.Serves)
            wrong.Add($"{serves.Label} serves, not {story.Serves.Label}.");
        if (board.Life.RecordOf(Boards.Leaf).Serving.Active != serves)
            wrong.Add($"{serves.Label} serves, and on disk stands {board.Life.RecordOf(Boards.Leaf).Serving}.");
        await board.StopAsync();

        var begun = TimeProvider.System.GetTimestamp();
        await board.StartAsync();
        await board.ServesAsync(serves);
        Recovered(begun);
        await board.StopAsync();
        return [.. wrong, .. board.Complaints];
    }

    /// <summary>Starts again after an end, and notes how long it took until a model answered.</summary>
    public async Task StartAgainAsync()
    {
        var begun = TimeProvider.System.GetTimestamp();
        await StartAsync();
        if (story.Name == "first")
            return; // There is nothing to come back to.
        if (await board.UntilAsync(l => Answers(l) > 0, "an answer after the start"))
            Recovered(begun);
    }

    private static long Answers(BoardLife life) =>
        Boards.Verified.Append(Boards.Faulty).Sum(p => life.Records.AnswersOf(Boards.Leaf, p.Ref.Label)) + life.Leaf.Host.Counts.Failed;

    private static bool Reached(BoardLife life, string state) => life.State.Name == state || life.Records.Changes.Any(c => c.To == state);

    private void Recovered(long begun) => SlowestRecoveryMs = Math.Max(SlowestRecoveryMs, TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds);
}
