using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Tests.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Statistics;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Monitoring;

public sealed class MonitoringTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Begin + TimeSpan.FromSeconds(20));
    private readonly CollectingSink _sink = new();
    private readonly SlotBench _bench;
    private readonly MonitoringWorker _worker;

    public MonitoringTests()
    {
        _bench = new SlotBench(queueLength: 2, time: _time);
        _worker = new MonitoringWorker([_bench.Host], _sink, [_sink], Options.Create(new MonitoringOptions()), _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _worker.Dispose();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task A_window_gives_counts_latency_and_mean_confidence_of_its_model()
    {
        var model = await ActivateAsync("1.0.0");
        for (var i = 1; i <= 100; i++)
            Observe(model, label: 0, confidence: 0.8f, inferUs: i * 100);
        Observe(model, label: -1, error: "broken");
        Tick(to: 61);

        var row = Assert.Single(_sink.Rows);
        Assert.Equal(("colours@1.0.0", 100, 1, 800), (row.Model, row.Answered, row.Failed, row.Confidence));
        Assert.Equal((Begin.ToUnixTimeMilliseconds() + 20_000, 40), (row.At, row.Seconds));
        Assert.InRange(row.P50Us, 4900, 5100);
        Assert.InRange(row.P95Us, 9300, 9700);
        Assert.Equal(10_000, row.MaxUs);
        Assert.Null(row.EnergyUj);
        Assert.Equal(_sink.Rows, _sink.Observed);
    }

    [Fact]
    public async Task Windows_are_aligned_and_empty_ones_are_told_while_a_model_is_active()
    {
        Tick(to: 61);
        Tick(to: 121);
        Assert.Empty(_sink.Rows);

        await ActivateAsync("1.0.0");
        Tick(to: 181);
        Tick(to: 241);
        Tick(to: 301);

        Assert.All(_sink.Rows, r => Assert.Equal(("colours@1.0.0", 0, 60, (int?)null), (r.Model, r.Answered, r.Seconds, r.Confidence)));
        Assert.Equal([180_000, 240_000], _sink.Rows.Select(r => r.At - Begin.ToUnixTimeMilliseconds()));
    }

    [Fact]
    public async Task A_change_of_model_closes_row_and_profile_early_so_that_each_belongs_to_one_model()
    {
        var first = await ActivateAsync("1.0.0");
        Observe(first, label: 0);
        _time.Advance(TimeSpan.FromSeconds(10));
        var second = await ActivateAsync("2.0.0");
        Observe(second, label: 1);
        Observe(second, label: 1);
        Tick(to: 61);
        Tick(to: 3601);

        Assert.Equal([("colours@1.0.0", 1, 10), ("colours@2.0.0", 2, 30)], _sink.Rows.Where(r => r.Answered > 0).Select(r => (r.Model, r.Answered, r.Seconds)));
        Assert.Equal([("colours@1.0.0", 1), ("colours@2.0.0", 2)], _sink.Profiles.Select(p => (p.Model, p.Answered)));
        first.Dispose();
    }

    [Fact]
    public async Task Dropped_samples_stand_in_the_row_of_their_window()
    {
        await ActivateAsync("1.0.0");
        Tick(to: 61);
        for (var i = 0; i < 5; i++)
            _bench.Host.Queue.Offer(_bench.Image([]));
        Tick(to: 121);
        Tick(to: 181);

        Assert.Equal([3, 0], _sink.Rows.Select(r => r.Dropped));
    }

    [Fact]
    public async Task A_clock_that_jumps_gives_neither_thousands_of_rows_nor_none()
    {
        var model = await ActivateAsync("1.0.0");
        Observe(model, label: 0);
        _time.Advance(TimeSpan.FromDays(400));
        Tick(to: null);
        Observe(model, label: 0);
        _time.Advance(TimeSpan.FromSeconds(60));
        Tick(to: null);

        Assert.Equal([1, 1], _sink.Rows.Select(r => r.Answered));
        Assert.All(_sink.Rows, r => Assert.InRange(r.Seconds, 1, 60));
    }

    [Fact]
    public async Task A_profile_bins_channel_means_outputs_confidence_and_every_stage()
    {
        var model = await ActivateAsync("1.0.0");
        Observe(model, label: 2, confidence: 0.95f, features: [0, 100, 255]);
        Observe(model, label: 2, confidence: 0.35f, features: [20, 100, 255]);
        Observe(model, label: -1, error: "damaged", isInputFault: true);
        Tick(to: 3601);

        var profile = Assert.Single(_sink.Profiles);
        Assert.Equal((2, 1, "cpu-fp32"), (profile.Answered, profile.Failed, profile.Variant));
        Assert.Equal([0, 0, 2], profile.Outputs);
        Assert.Equal(["red", "green", "blue"], profile.Inputs.Select(i => i.Name));
        Assert.Equal((1, 1), (profile.Inputs[0].Counts[0], profile.Inputs[0].Counts[1]));
        Assert.Equal(2, profile.Inputs[1].Counts[6]);
        Assert.Equal(10, profile.Inputs[0].Moments.Mean);
        Assert.Equal((1, 1), (profile.Confidence!.Counts[9], profile.Confidence.Counts[3]));
        Assert.Equal((3, 2, 2, 2), (profile.QueueUs.Count, profile.PrepareUs.Count, profile.InferUs.Count, profile.PostUs.Count));
    }

    [Fact]
    public async Task A_profile_of_a_series_bins_every_reading_by_column()
    {
        var model = await _bench.LoadAsync(TestPackageSpec.Series(length: 4));
        await _bench.Host.SwapAsync(model, Cancel);
        _worker.Observe(new SampleResult
        {
            Slot = _bench.Host.Slot,
            Sample = SampleFilling.Window(0.1f, 5, 0.1f, 5, 0.1f, 5, -9, 5),
            Model = model,
            Answer = new ClassAnswer([0.1f, 0.9f]),
            Times = default,
        });
        Tick(to: 3601);

        var profile = Assert.Single(_sink.Profiles);
        Assert.Equal((4, 4), (profile.Inputs[0].Counts.Sum(), profile.Inputs[1].Counts.Sum()));
        Assert.Equal((1, 4), (profile.Inputs[0].Counts[0], profile.Inputs[1].Counts[^1]));
    }

    [Fact]
    public async Task Stopping_keeps_what_was_gathered()
    {
        var model = await ActivateAsync("1.0.0");
        await _worker.StartAsync(Cancel);
        Observe(model, label: 0);
        await _worker.StopAsync(Cancel);

        Assert.Equal(1, Assert.Single(_sink.Rows).Answered);
        Assert.Equal(1, Assert.Single(_sink.Profiles).Answered);
    }

    [Fact]
    public async Task The_worker_closes_windows_in_time_without_any_result()
    {
        await ActivateAsync("1.0.0");
        await _worker.StartAsync(Cancel);
        // The worker's clock runs a second a millisecond until a window is closed.
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var second = 0; second < 3600 && _sink.Rows.Count == 0; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await clock.WaitForNextTickAsync(Cancel);
        }

        await _worker.StopAsync(Cancel);
        Assert.NotEmpty(_sink.Rows);
    }

    private async Task<LoadedModel> ActivateAsync(string version)
    {
        var model = await _bench.LoadAsync(TestPackageSpec.Colours(version));
        await _bench.Host.SwapAsync(model, Cancel);
        return model;
    }

    private void Observe(
        LoadedModel model, int label, float confidence = 0.9f, long inferUs = 100, string? error = null, bool isInputFault = false, double[]? features = null)
    {
        float[] confidences = [0.01f, 0.01f, 0.01f];
        if (label >= 0)
            confidences[label] = confidence;
        _worker.Observe(new SampleResult
        {
            Slot = _bench.Host.Slot,
            Sample = new Sample(),
            Model = model,
            Answer = label < 0 ? null : new ClassAnswer(confidences),
            Features = isInputFault ? [] : features ?? [1, 2, 3],
            Times = new StageTimes(10, 20, inferUs, 5),
            Error = error,
            IsInputFault = isInputFault,
        });
    }

    private void Tick(int? to)
    {
        if (to is { } seconds)
            _time.SetUtcNow(Begin + TimeSpan.FromSeconds(seconds));
        // The worker's own timer is not started here: a result or a tick of the folders closes what is over.
        _worker.TickAll();
    }
}
