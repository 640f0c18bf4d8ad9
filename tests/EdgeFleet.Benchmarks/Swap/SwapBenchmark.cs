using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.SimulatedBoards;
using EdgeFleet.Testing;

namespace EdgeFleet.Benchmarks.Swap;

/// <summary>A hundred swaps under load: no sample may go unanswered, and one that meets a swap may not wait long; then how fast a model that fails its probation is off the slot.</summary>
internal static class SwapBenchmark
{
    private const int Swaps = 100;
    private const int SamplesBetween = 20;
    private const int Returns = 20;
    private const double ReturnMsMax = 1000;

    public static async Task<bool> RunAsync(CancellationToken cancel)
    {
        var times = new SampleTimes();
        using var folder = new TempFolder();
        var store = new ContentStore(folder["packages"]);
        Boards.V1.AddTo(store);
        Boards.V2.AddTo(store);
        var slot = new LiveSlot(SlotName.Parse("leaf"));
        using var models = new SlotModels(slot.Host, new ModelLoader(store, BoardFacts.Read()), TimeSpan.FromSeconds(30), TimeProvider.System);
        await models.PutAsync(Boards.V1.Ref, cancel);
        await slot.StartAsync([times]);
        await times.NextAsync(SamplesBetween, cancel); // Warm.
        var steady = await times.TakeAsync(() => times.NextAsync(Swaps * SamplesBetween, cancel));
        var swapping = await times.TakeAsync(async () =>
        {
            for (var i = 0; i < Swaps; i++)
            {
                await models.PutAsync((i % 2 == 0 ? Boards.V2 : Boards.V1).Ref, cancel);
                await times.NextAsync(SamplesBetween, cancel);
            }
        });
        await slot.DrainAsync(cancel);
        var counts = slot.Host.Counts;
        await slot.DisposeAsync();

        var returns = new List<double>();
        for (var i = 0; i < Returns; i++)
            returns.Add(await ReturnMsAsync());
        Console.WriteLine($"{Swaps} swaps, {counts.Read} samples accepted: {counts.Unanswered} unanswered, {counts.Dropped} dropped, {counts.Failed} failed");
        Console.WriteLine($"capture to answer   steady p50 {steady.P50:0.00} ms, p99 {steady.P99:0.00} ms, largest {steady.Max:0.00} ms; with swaps p50 {swapping.P50:0.00} ms, p99 {swapping.P99:0.00} ms, largest {swapping.Max:0.00} ms");
        Console.WriteLine($"failed probation to an answer of the model before   {Returns} times, median {Measure.Median(returns):0.0} ms, slowest {returns.Max():0.0} ms");
        var ok = counts is { Unanswered: 0, Dropped: 0, Failed: 0 } && returns.Max() < ReturnMsMax;
        Console.WriteLine($"swap: {counts.Unanswered + counts.Dropped} samples lost in {Swaps} swaps, p99 {swapping.P99 / steady.P99:0.00} times the steady state's, back in {returns.Max():0} ms at most: {(ok ? "ok" : "short")}");
        return ok;
    }

    // From the verdict on disk to the first answer of the model before, in the whole update machine.
    private static async Task<double> ReturnMsAsync()
    {
        await using var board = new UpdateBoard();
        var story = Story.All.Single(s => s.Name == "faulty");
        story.Prepare(board);
        long failed = 0, answered = 0;
        board.In(nameof(RollingBack), () => Volatile.Write(ref failed, TimeProvider.System.GetTimestamp()));
        board.Answering = (_, label) =>
        {
            if (label == story.Serves.Label && Volatile.Read(ref failed) != 0 && Volatile.Read(ref answered) == 0)
                Volatile.Write(ref answered, TimeProvider.System.GetTimestamp());
        };
        var run = new StoryRun(story, board);
        await run.StartAsync();
        await run.GoOnAsync();
        await board.ServesAsync(story.Serves);
        return TimeProvider.System.GetElapsedTime(failed, answered).TotalMilliseconds;
    }
}
