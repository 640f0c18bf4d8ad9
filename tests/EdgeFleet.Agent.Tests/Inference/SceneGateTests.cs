using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Inference;

public sealed class SceneGateTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Frames_of_an_unchanged_scene_are_skipped_and_counted_until_one_is_due_again()
    {
        await using var bench = await RunningAsync();
        await OfferAsync(bench, Frame(bench, 100), answered: 1);
        await OfferAsync(bench, Frame(bench, 103), answered: 1); // Noise.
        _time.Advance(TimeSpan.FromSeconds(60));
        await OfferAsync(bench, Frame(bench, 100), answered: 2);

        var counts = bench.Host.Counts;
        Assert.Equal((3, 1, 2, 0, 0), (counts.Read, counts.Skipped, counts.Answered, counts.Waiting, counts.Unanswered));
    }

    [Fact]
    public async Task A_small_change_and_a_slow_one_are_seen()
    {
        await using var bench = await RunningAsync();
        await OfferAsync(bench, Frame(bench, 100), answered: 1);
        await OfferAsync(bench, Frame(bench, 100, spot: 200), answered: 2);
        await OfferAsync(bench, Frame(bench, 100), answered: 3);
        foreach (var level in new byte[] { 103, 106 })
            await OfferAsync(bench, Frame(bench, level), answered: 3);
        await OfferAsync(bench, Frame(bench, 109), answered: 4);

        Assert.Equal((6, 2, 0), (bench.Host.Counts.Read, bench.Host.Counts.Skipped, bench.Host.Counts.Unanswered));
    }

    [Fact]
    public async Task Another_model_looks_for_itself()
    {
        await using var bench = await RunningAsync();
        await OfferAsync(bench, Frame(bench, 100), answered: 1);
        using var old = await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours("2.0.0")), Cancel);
        await OfferAsync(bench, Frame(bench, 100), answered: 2);

        Assert.Equal(0, bench.Host.Counts.Skipped);
    }

    private async Task<SlotBench> RunningAsync()
    {
        var bench = new SlotBench(time: _time, skip: new SkipOptions());
        await bench.Host.SwapAsync(await bench.LoadAsync(TestPackageSpec.Colours()), Cancel);
        await bench.StartAsync();
        return bench;
    }

    // The spot covers about one part in a hundred of the picture.
    private static Sample Frame(SlotBench bench, byte level, byte? spot = null)
    {
        var sample = bench.Host.Samples.Rent();
        sample.Pixels.Resize(640, 480);
        sample.Pixels.Rgbx.Fill(level);
        for (var y = 200; spot is { } brighter && y < 260; y++)
            sample.Pixels.Rgbx.Slice((y * 640 + 300) * 4, 60 * 4).Fill(brighter);
        sample.GivePixels(SampleOrigin.Counted("camera", "frame", 1));
        return sample;
    }

    private static async Task OfferAsync(SlotBench bench, Sample sample, int answered)
    {
        bench.Host.Queue.Offer(sample);
        await bench.Results.WhenAsync(answered);
        while (bench.Host.Counts.Waiting > 0)
            await Task.Yield();
        Assert.Equal(answered, bench.Host.Counts.Answered);
    }
}
