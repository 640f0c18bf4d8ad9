using EdgeFleet.Agent.Inference;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Inference;

public sealed class SlotRunnerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pictures_are_answered_in_order_with_confidence_and_channel_means()
    {
        await using var bench = new SlotBench();
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        await bench.StartAsync();

        bench.Host.Queue.Offer(bench.Image(TestImages.Png(255, 0, 0)));
        bench.Host.Queue.Offer(bench.Image(TestImages.Jpeg(0, 255, 0)));
        bench.Host.Queue.Offer(bench.Image(TestImages.Png(10, 20, 200)));
        await bench.Results.WhenAsync(3);

        Assert.Equal([0, 1, 2], bench.Results.All.Select(r => r.Label));
        Assert.All(bench.Results.All, r => Assert.InRange(r.Confidence, 0.99f, 1f));
        Assert.Equal([10.0, 20.0, 200.0], bench.Results.All[2].Features[..3]);
    }

    [Fact]
    public async Task A_damaged_picture_is_the_inputs_fault_and_the_next_one_is_answered()
    {
        await using var bench = new SlotBench();
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        await bench.StartAsync();
        var whole = TestImages.Jpeg(255, 0, 0, 64, 64);

        bench.Host.Queue.Offer(bench.Image(whole[..(whole.Length / 2)]));
        bench.Host.Queue.Offer(bench.Image("not a picture"u8.ToArray()));
        var vanished = bench.Image([]);
        vanished.GiveFault("It vanished.", SampleOrigin.Named("gone.jpg"));
        bench.Host.Queue.Offer(vanished);
        bench.Host.Queue.Offer(bench.Image(whole));
        await bench.Results.WhenAsync(4);

        Assert.Equal([true, true, true, false], bench.Results.All.Select(r => r.IsInputFault));
        Assert.Equal("It vanished.", bench.Results.All[2].Error);
        await Settled(bench);
        Assert.Equal((4, 4, 3, 0), (bench.Host.Counts.Read, bench.Host.Counts.Answered, bench.Host.Counts.Failed, bench.Host.Counts.Unanswered));
    }

    [Fact]
    public async Task An_answer_that_is_not_a_number_is_the_models_fault()
    {
        await using var bench = new SlotBench();
        var broken = TestPackageSpec.Colours(served: TinyModel.OfColours() with { NotANumber = true });
        await bench.Host.SwapAsync(await bench.LoadAsync(broken), Cancel);
        await bench.StartAsync();

        bench.Host.Queue.Offer(bench.Image(TestImages.Png(255, 0, 0)));
        await bench.Results.WhenAsync(1);

        var result = Assert.Single(bench.Results.All);
        Assert.False(result.IsInputFault);
        Assert.Contains("not a number", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_takes_too_long_is_ended_and_the_next_model_serves()
    {
        await using var bench = new SlotBench(options: new InferenceOptions { RunTimeoutSeconds = 1 });
        var quick = await bench.LoadAsync(TestPackageSpec.Colours("1.0.0"));
        using var hanging = await HangingAsync(bench);
        await bench.Host.SwapAsync(hanging, Cancel);
        await bench.StartAsync();

        bench.Host.Queue.Offer(bench.Image(TestImages.Png(255, 0, 0)));
        await bench.Results.WhenAsync(1);
        await bench.Host.SwapAsync(quick, Cancel);
        bench.Host.Queue.Offer(bench.Image(TestImages.Png(255, 0, 0)));
        await bench.Results.WhenAsync(2);

        Assert.Contains("ended after 1 s", bench.Results.All[0].Error, StringComparison.Ordinal);
        Assert.False(bench.Results.All[0].IsInputFault);
        Assert.Equal(0, bench.Results.All[1].Label);
    }

    [Fact]
    public async Task Samples_wait_while_there_is_no_model_and_the_oldest_are_dropped()
    {
        await using var bench = new SlotBench(queueLength: 3);
        for (var i = 0; i < 5; i++)
            bench.Host.Queue.Offer(bench.Image(TestImages.Png(255, 0, 0), $"{i}"));
        Assert.Equal((5, 2, 0, 3), (bench.Host.Counts.Read, bench.Host.Counts.Dropped, bench.Host.Counts.Answered, bench.Host.Counts.Waiting));

        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        await bench.StartAsync();
        await bench.Results.WhenAsync(3);

        Assert.Equal(["2", "3", "4"], bench.Results.All.Select(r => r.Origin));
    }

    [Fact]
    public async Task Two_hundred_swaps_under_load_lose_no_sample_and_return_each_model_idle()
    {
        await using var bench = new SlotBench(queueLength: 64);
        var models = new[] { await bench.LoadAsync(TestPackageSpec.Colours("1.0.0")), await bench.LoadAsync(TestPackageSpec.Colours("2.0.0")) };
        await bench.Host.SwapAsync(models[0], Cancel);
        await bench.StartAsync();
        var png = TestImages.Png(0, 255, 0);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var feeder = Task.Run(() => FeedAsync(bench, png, stop.Token), Cancel);

        for (var i = 1; i <= 200; i++)
        {
            var answered = bench.Results.All.Count;
            var old = await bench.Host.SwapAsync(models[i % 2], Cancel);
            Assert.Same(models[(i + 1) % 2], old);
            // The old model is idle now: running it here would break an answer that were still in it.
            using (var options = new Microsoft.ML.OnnxRuntime.RunOptions())
                old!.Session.Run(options);
            await bench.Results.WhenAsync(answered + 1);
        }

        await stop.CancelAsync();
        var offered = await feeder;
        await Settled(bench);
        var counts = bench.Host.Counts;
        Assert.Equal(offered, counts.Read);
        Assert.Equal((0, 0, 0), (counts.Unanswered, counts.Waiting, counts.Failed));
        Assert.Equal(counts.Answered, bench.Results.All.Count);
        Assert.Equal(bench.Results.All.Select(r => r.Number).Order(), bench.Results.All.Select(r => r.Number));
        Assert.All(bench.Results.All, r => Assert.Equal(1, r.Label));
        Assert.Equal(2, bench.Results.All.Select(r => r.Model).Distinct().Count());
        models[1].Dispose();
    }

    [Fact]
    public async Task Stopping_counts_waiting_samples_as_dropped()
    {
        var bench = new SlotBench();
        await bench.StartAsync();
        bench.Host.Queue.Offer(bench.Image([]));
        bench.Host.Queue.Offer(bench.Image([]));

        await bench.DisposeAsync();

        Assert.Equal((2, 2, 0, 0), (bench.Host.Counts.Read, bench.Host.Counts.Dropped, bench.Host.Counts.Waiting, bench.Host.Counts.Unanswered));
        Assert.False(bench.Host.Queue.Offer(bench.Image([])));
    }

    private static async Task<long> FeedAsync(SlotBench bench, byte[] png, CancellationToken cancel)
    {
        long offered = 0;
        while (!cancel.IsCancellationRequested)
        {
            if (bench.Host.Counts.Waiting < 32 && bench.Host.Queue.Offer(bench.Image(png)))
                offered++;
            await Task.Yield();
        }

        return offered;
    }

    /// <summary>A model that warms up with few rounds would not hang; this one is loaded without a warm-up.</summary>
    private static async Task<LoadedModel> HangingAsync(SlotBench bench)
    {
        var package = TestPackage.Build(TestPackageSpec.Colours("9.0.0", TinyModel.OfColours() with { Rounds = 1_000_000_000 }));
        package.AddTo(bench.Store);
        var manifest = package.Manifest;
        var session = EdgeFleet.Shared.Models.ModelSession.Load(bench.Store.PathOf(manifest.Variants[0].File.Digest), manifest.Input, manifest.Output);
        using var good = await bench.LoadAsync(TestPackageSpec.Colours("8.0.0"));
        return new LoadedModel(package.Ref, manifest, manifest.Variants[0], good.Reference, session);
    }

    private static async Task Settled(SlotBench bench)
    {
        while (bench.Host.Counts.Waiting > 0)
            await Task.Yield();
    }
}
