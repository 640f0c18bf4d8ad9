using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Tests.Inference;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeFleet.Agent.Tests.Sources;

public sealed class SourceWorkerTests
{
    private static readonly byte[] Red = TestImages.Png(255, 0, 0);

    // Beyond what the clock takes for somebody's wait.
    private static readonly InferenceOptions Patient = new() { RunTimeoutSeconds = 3600 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_read_before_there_is_a_model_and_the_board_says_so()
    {
        var time = new WaitedClock();
        await using var bench = new SlotBench(time: time, options: Patient);
        var source = new ScriptedSource();
        var health = new HealthBoard(time);
        using var worker = Worker(bench, source, health, time);
        await worker.StartAsync(Cancel);

        await health.WhenAsync(w => w.Count == 1);
        Assert.Equal(SlotWarnings.NoModel, health.Warnings[0].Code);
        Assert.Equal(0, source.Reads);

        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        await source.FirstReadAsync();
        Assert.Empty(health.Warnings);
        await worker.StopAsync(Cancel);
    }

    [Fact]
    public async Task The_rate_is_kept_and_can_be_tuned_within_the_boards_bounds()
    {
        var time = new WaitedClock();
        await using var bench = new SlotBench(queueLength: 1000, time: time, options: Patient);
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        var source = new ScriptedSource();
        using var worker = Worker(bench, source, new HealthBoard(time), time);
        await worker.StartAsync(Cancel);

        Assert.Equal(10, await ReadsInTenSecondsAsync(time, source), 1.0);
        bench.Host.Tune(new SlotSettings { SamplesPerSecond = 4 });
        Assert.Equal(40, await ReadsInTenSecondsAsync(time, source), 4.0);
        bench.Host.Tune(new SlotSettings { SamplesPerSecond = 1e9 });
        Assert.Equal(30, bench.Host.SamplesPerSecond);
        bench.Host.Tune(new SlotSettings { SamplesPerSecond = 0 });
        await ReadsInTenSecondsAsync(time, source);
        Assert.Equal(0, await ReadsInTenSecondsAsync(time, source));
        bench.Host.Tune(null);
        Assert.Equal(10, await ReadsInTenSecondsAsync(time, source), 2.0);
        await worker.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_stalled_source_is_warned_of_retried_ever_more_rarely_and_cleared_when_it_gives_again()
    {
        var time = new WaitedClock();
        await using var bench = new SlotBench(time: time, options: Patient);
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        var source = new ScriptedSource { Next = _ => SourceOutcome.Stalled("The folder is gone.", "Mount it.") };
        var health = new HealthBoard(time);
        using var worker = Worker(bench, source, health, time);
        await worker.StartAsync(Cancel);

        await time.AdvanceUntilAsync(() => source.Reads >= 3);
        var warning = Assert.Single(health.Warnings);
        Assert.Equal((SlotWarnings.SourceStalled, "Mount it."), (warning.Code, warning.Remedy));
        var begun = time.GetUtcNow();
        await time.AdvanceUntilAsync(() => source.Reads >= 9);
        Assert.True(time.GetUtcNow() - begun > TimeSpan.FromSeconds(60), $"six more tries took {time.GetUtcNow() - begun}");

        source.Next = GiveRed;
        await time.AdvanceUntilAsync(() => health.Warnings.Count == 0);
        await worker.StopAsync(Cancel);
    }

    [Fact]
    public async Task An_unreadable_sample_is_counted_as_failed_and_never_lost()
    {
        var time = new WaitedClock();
        await using var bench = new SlotBench(time: time, options: Patient);
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        await bench.StartAsync();
        var readings = new Queue<Func<Sample, SourceOutcome>>([GiveFault, GiveRed, _ => SourceOutcome.Ended]);
        using var worker = Worker(bench, new ScriptedSource { Next = s => readings.Dequeue()(s) }, new HealthBoard(time), time);
        await worker.StartAsync(Cancel);

        await time.AdvanceUntilAsync(worker.ExecuteTask!);
        await bench.Results.WhenAsync(2);

        Assert.Equal(2, bench.Host.Counts.Read);
        Assert.Equal(["It vanished.", null], bench.Results.All.Select(r => r.Error));
        await worker.StopAsync(Cancel);
        await bench.StopAsync();
        Assert.Equal((2, 1, 0), (bench.Host.Counts.Answered, bench.Host.Counts.Failed, bench.Host.Counts.Unanswered));
    }

    [Fact]
    public async Task A_source_that_comes_by_itself_is_waited_for_at_once_and_nothing_new_is_no_stall()
    {
        var time = new WaitedClock();
        await using var bench = new SlotBench(time: time, options: Patient);
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        var health = new HealthBoard(time);
        var readings = new Queue<Func<Sample, SourceOutcome>>([
            _ => SourceOutcome.Stalled("It died.", "Look.", comesByItself: true), _ => SourceOutcome.Stalled("It died again.", "Look.", comesByItself: true),
            _ => SourceOutcome.Nothing, _ => SourceOutcome.Ended]);
        var seen = new List<string>();
        var source = new ScriptedSource
        {
            Next = s =>
            {
                seen.Add(health.Warnings.SingleOrDefault()?.Text ?? "");
                return readings.Dequeue()(s);
            },
        };
        using var worker = Worker(bench, source, health, time);
        var begun = time.GetUtcNow();
        await worker.StartAsync(Cancel);

        await time.AdvanceUntilAsync(worker.ExecuteTask!);

        Assert.Equal(["", "It died.", "It died again.", ""], seen);
        Assert.InRange(time.GetUtcNow() - begun, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(3.1));
        Assert.Equal(0, bench.Host.Counts.Read);
    }

    private static SourceOutcome GiveRed(Sample into)
    {
        into.FillImage(Red, "red.png");
        return SourceOutcome.Sample();
    }

    private static SourceOutcome GiveFault(Sample into)
    {
        into.GiveFault("It vanished.", SampleOrigin.Named("a.jpg"));
        return SourceOutcome.Sample();
    }

    private static SourceWorker Worker(SlotBench bench, ISampleSource source, HealthBoard health, TimeProvider time) =>
        new(bench.Host, source, health, time, NullLogger<SourceWorker>.Instance);

    private static async Task<int> ReadsInTenSecondsAsync(WaitedClock time, ScriptedSource source)
    {
        var before = source.Reads;
        var until = time.GetUtcNow() + TimeSpan.FromSeconds(10);
        await time.AdvanceUntilAsync(() => time.GetUtcNow() >= until);
        return source.Reads - before;
    }

    private sealed class ScriptedSource : ISampleSource
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        public Task FirstReadAsync() => _first.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        public Func<Sample, SourceOutcome> Next { get; set; } = GiveRed;

        public ValueTask<SourceOutcome> ReadAsync(InputSpec input, Sample into, CancellationToken cancel)
        {
            Interlocked.Increment(ref _reads);
            _first.TrySetResult();
            return ValueTask.FromResult(Next(into));
        }

        public void Dispose()
        {
        }
    }
}
