using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Tests.Inference;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Updates.Evidence;

public sealed class WindowTallyTests
{
    [Fact]
    public async Task Answers_and_inputs_are_counted_by_window_and_model()
    {
        var tally = new WindowTally();
        await using var bench = new SlotBench(queueLength: 8, observers: tally);
        using var first = await bench.LoadAsync(TestPackageSpec.Colours("1.0.0"));
        using var second = await bench.LoadAsync(TestPackageSpec.Colours("2.0.0"));
        await bench.StartAsync();
        await bench.Host.SwapAsync(first, TestContext.Current.CancellationToken);
        await ShowAsync(bench, TestImages.Png(255, 0, 0), TestImages.Png(255, 0, 0), TestImages.Png(0, 0, 255));
        await bench.Host.SwapAsync(second, TestContext.Current.CancellationToken);
        await ShowAsync(bench, TestImages.Png(0, 255, 0));
        await bench.Host.SwapAsync(null, TestContext.Current.CancellationToken); // Every observer has seen the last sample now.

        // The row of the first model closes when the second one has answered already.
        var minute = tally.AddTo(new SlotMinute(Some.Row("colours@1.0.0", answered: 3)));
        Assert.Equal([2, 0, 1], minute.Mix);
        Assert.Equal((3, 170.0, 0.0, 85.0), (minute.Inputs!.Samples, minute.Inputs.Means[0], minute.Inputs.Means[1], minute.Inputs.Means[2]));
        Assert.Equal(ImageFeatures.Count, minute.Inputs.Means.Count);
        Assert.InRange(minute.Inputs.Deviations[0], 120, 121);

        var next = tally.AddTo(new SlotMinute(Some.Row("colours@2.0.0", answered: 1)));
        Assert.Equal([0, 1, 0], next.Mix);
        Assert.Equal(minute.Labels, next.Labels);
        Assert.Null(tally.AddTo(new SlotMinute(Some.Row("colours@2.0.0", answered: 0))).Inputs);
        Assert.Empty(tally.AddTo(new SlotMinute(Some.Row("colours@3.0.0"))).Mix);
    }

    [Fact]
    public async Task What_a_picture_cannot_tell_alone_never_reaches_the_disk_as_no_number()
    {
        var tally = new WindowTally();
        await using var bench = new SlotBench(queueLength: 8, observers: tally);
        using var model = await bench.LoadAsync(TestPackageSpec.Colours("1.0.0"));
        await bench.StartAsync();
        await bench.Host.SwapAsync(model, TestContext.Current.CancellationToken);
        await ShowAsync(bench, TestImages.Png(255, 0, 0)); // The first one: it has no motion yet.
        await bench.Host.SwapAsync(null, TestContext.Current.CancellationToken);

        var inputs = tally.AddTo(new SlotMinute(Some.Row("colours@1.0.0", answered: 1))).Inputs!;
        Assert.All(inputs.Means.Concat(inputs.Deviations), v => Assert.True(double.IsFinite(v)));
    }

    [Fact]
    public async Task Counting_allocates_nothing()
    {
        var measured = new Measured(new WindowTally());
        await using var bench = new SlotBench(queueLength: 64, observers: measured);
        using var model = await bench.LoadAsync(TestPackageSpec.Colours("1.0.0"));
        await bench.Host.SwapAsync(model, TestContext.Current.CancellationToken);
        await bench.StartAsync();
        await ShowAsync(bench, [.. Enumerable.Repeat(TestImages.Png(255, 0, 0), 60)]);
        await bench.Host.SwapAsync(null, TestContext.Current.CancellationToken);

        Assert.Equal(60, measured.Bytes.Count);
        Assert.All(measured.Bytes.Skip(30), bytes => Assert.Equal(0, bytes));
    }

    [Fact]
    public void A_baseline_gathers_what_a_model_did_and_says_how_far_it_moved_by_itself()
    {
        SlotMinute[] minutes =
        [
            Of(10_000, [40, 20], 900, 100), Of(30_000, [20, 40], 800, 300), Of(20_000, [30, 30], 850, 200),
            new(Some.Row("b@1")), new(Some.Row("a@1", answered: 0)),
        ];

        var baseline = ModelBaseline.Of("a@1", minutes)!;

        Assert.Equal((3, 180, 20_000), (baseline.Windows, baseline.Samples, baseline.P95Us));
        Assert.Equal((850.0, 800.0), (baseline.Confidence!.Value, baseline.ConfidenceLow!.Value));
        Assert.Equal([90, 90], baseline.Mix!);
        Assert.Equal(1 / 6.0, baseline.MixSpread, 6);
        Assert.Equal((3, 200.0, 300.0), (baseline.EnergyWindows, baseline.EnergyUj!.Value, baseline.EnergyHighUj!.Value));
        Assert.Null(ModelBaseline.Of("c@1", minutes));
    }

    [Fact]
    public void Chance_alone_parts_small_mixes_and_not_large_ones()
    {
        Assert.Equal(1, AnswerMix.Distance([10, 0], [0, 10]));
        Assert.Equal(0, AnswerMix.Distance([10, 0], [0, 0]));
        Assert.InRange(AnswerMix.Chance([500, 500], [500, 500]), 0.01, 0.02);
        Assert.InRange(AnswerMix.Chance([.. Enumerable.Repeat(1L, 100)], [.. Enumerable.Repeat(1L, 100)]), 0.5, 0.6);
        Assert.Equal(1, AnswerMix.Chance([1], [1, 2]));
    }

    private sealed class Measured(WindowTally tally) : ISampleObserver
    {
        public List<long> Bytes { get; } = new(64);

        public void Observe(in SampleResult result)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            tally.Observe(result);
            Bytes.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static SlotMinute Of(long p95Us, long[] mix, int confidence, long energyUj) =>
        new(Some.Row("a@1", answered: 60, p95Us: p95Us) with { Confidence = confidence, EnergyNetUj = energyUj }) { Mix = mix, Labels = "two" };

    private static async Task ShowAsync(SlotBench bench, params byte[][] images)
    {
        var before = bench.Results.All.Count;
        foreach (var image in images)
            bench.Host.Queue.Offer(bench.Image(image));
        await bench.Results.WhenAsync(before + images.Length);
    }
}
