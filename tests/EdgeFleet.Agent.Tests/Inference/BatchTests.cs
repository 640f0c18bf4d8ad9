using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Inference;

public sealed class BatchTests
{
    private static readonly byte[][] Colours = [TestImages.Png(255, 0, 0), TestImages.Png(0, 255, 0), TestImages.Png(0, 0, 255)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Samples_that_wait_are_answered_in_one_run_each_with_its_own_answer_and_features()
    {
        var times = new CollectedTimes();
        await using var bench = new SlotBench(queueLength: 16, batch: new BatchOptions(4, 60_000), observers: times);
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        for (var i = 0; i < 8; i++)
            bench.Host.Queue.Offer(bench.Image(i == 2 ? [1, 2, 3] : Colours[i % 3]));

        await bench.StartAsync();
        await bench.Results.WhenAsync(8);

        Assert.Equal(4, bench.Host.Active!.Session.BatchMax);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], bench.Results.All.Select(r => r.Number).Order());
        Assert.True(Assert.Single(bench.Results.All, r => r.Number == 3).IsInputFault);
        Assert.All(bench.Results.All.Where(r => r.Number != 3), r => Assert.Equal((int)(r.Number - 1) % 3, r.Label));
        Assert.All(bench.Results.All.Where(r => r.Number != 3), r => Assert.True(r.Features[r.Label] > 250));
        // Two runs: the samples of one have the time of their run in common, to the microsecond.
        Assert.Single(new[] { 1, 2, 4 }.Select(n => times.Infer[n]).Distinct());
        Assert.Single(new[] { 5, 6, 7, 8 }.Select(n => times.Infer[n]).Distinct());
        Assert.Equal((8, 1, 0), (bench.Host.Counts.Answered, bench.Host.Counts.Failed, bench.Host.Counts.Waiting));
    }

    [Fact]
    public async Task A_sample_that_stays_alone_is_answered_after_the_delay()
    {
        await using var bench = new SlotBench(batch: new BatchOptions(8, 20));
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        await bench.StartAsync();

        bench.Host.Queue.Offer(bench.Image(Colours[1]));
        await bench.Results.WhenAsync(1);

        Assert.Equal(1, bench.Results.All[0].Label);
    }

    [Fact]
    public async Task A_model_that_takes_one_at_a_time_goes_on_doing_so()
    {
        await using var bench = new SlotBench(batch: new BatchOptions(4, 60_000));
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours(served: TinyModel.OfColours() with { Batch = 1 })), Cancel);
        Assert.Equal(1, bench.Host.Active!.Session.BatchMax);
        await bench.StartAsync();

        // It does not wait a minute for others.
        bench.Host.Queue.Offer(bench.Image(Colours[0]));
        await bench.Results.WhenAsync(1);
    }

    [Fact]
    public async Task A_model_of_a_fixed_batch_answers_what_there_is()
    {
        await using var bench = new SlotBench(batch: new BatchOptions(4));
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours(served: TinyModel.OfColours() with { Batch = 3 })), Cancel);
        for (var i = 0; i < 5; i++)
            bench.Host.Queue.Offer(bench.Image(Colours[i % 3]));
        await bench.StartAsync();
        await bench.Results.WhenAsync(5);

        Assert.Equal(3, bench.Host.Active!.Session.BatchMax);
        Assert.All(bench.Results.All, r => Assert.Equal((int)(r.Number - 1) % 3, r.Label));
    }

    [Fact]
    public async Task Swaps_between_models_that_batch_and_that_do_not_lose_no_sample()
    {
        await using var bench = new SlotBench(queueLength: 64, batch: new BatchOptions(5, 1));
        var models = new[]
        {
            await bench.LoadAsync(TestPackageSpec.Colours("1.0.0")),
            await bench.LoadAsync(TestPackageSpec.Colours("2.0.0", TinyModel.OfColours() with { Batch = 1 })),
            await bench.LoadAsync(TestPackageSpec.Colours("3.0.0", TinyModel.OfColours() with { Batch = 4 })),
        };
        await bench.Host.SwapAsync(models[0], Cancel);
        await bench.StartAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var feeder = Task.Run(async () =>
        {
            long offered = 0;
            for (; !stop.IsCancellationRequested; await Task.Yield())
                offered += bench.Host.Counts.Waiting < 32 && bench.Host.Queue.Offer(bench.Image(Colours[1])) ? 1 : 0;
            return offered;
        }, Cancel);

        for (var i = 1; i <= 150; i++)
        {
            var answered = bench.Results.All.Count;
            var old = await bench.Host.SwapAsync(models[i % 3], Cancel);
            using (var options = new Microsoft.ML.OnnxRuntime.RunOptions())
                old!.Session.Run(options);
            await bench.Results.WhenAsync(answered + 1);
        }

        await stop.CancelAsync();
        var offeredInAll = await feeder;
        while (bench.Host.Counts.Waiting > 0)
            await Task.Yield();
        var counts = bench.Host.Counts;
        Assert.Equal((offeredInAll, 0, 0, 0), (counts.Read, counts.Unanswered, counts.Failed, counts.Dropped));
        Assert.Equal(counts.Answered, bench.Results.All.Count);
        Assert.Equal(bench.Results.All.Select(r => r.Number).Order(), bench.Results.All.Select(r => r.Number));
        Assert.All(bench.Results.All, r => Assert.Equal(1, r.Label));
        models[1].Dispose();
        models[2].Dispose();
    }

    [Fact]
    public async Task Closing_accounts_for_samples_that_wait_for_others()
    {
        var bench = new SlotBench(batch: new BatchOptions(8, 600_000));
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        await bench.StartAsync();
        for (var i = 0; i < 3; i++)
            bench.Host.Queue.Offer(bench.Image(Colours[0]));

        await bench.DisposeAsync();

        var counts = bench.Host.Counts;
        Assert.Equal((3, 0, 0), (counts.Read, counts.Waiting, counts.Unanswered));
        Assert.Equal(3, counts.Dropped + counts.Answered);
    }

    [Fact]
    public async Task A_batch_allocates_nothing_once_it_is_warm()
    {
        await using var bench = new SlotBench(batch: new BatchOptions(4));
        using var model = await bench.LoadAsync(TestPackageSpec.Series(length: 16));
        using var one = new SampleProcessor(bench.Host, [], TimeProvider.System, TimeSpan.FromSeconds(30));
        var batch = new BatchProcessor(one, TimeProvider.System, 4);
        var (samples, endings) = (Enumerable.Range(0, 4).Select(_ => SampleFilling.Window(new float[32])).ToArray(), new SampleEnding[4]);
        for (var i = 0; i < 50; i++)
            batch.Process(samples, 4, model, endings);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            batch.Process(samples, 4, model, endings);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.All(endings, e => Assert.Equal(SampleEnding.Answered, e));
    }

    private sealed class CollectedTimes : ISampleObserver
    {
        public Dictionary<long, long> Infer { get; } = [];

        public void Observe(in SampleResult result) => Infer[result.Sample.Number] = result.Times.InferUs;
    }
}
