using EdgeFleet.Agent.Alerts;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Tests.Inference;
using EdgeFleet.Agent.Tests.Monitoring;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Tests.Alerts;

public sealed class AlertObserverTests : IAsyncDisposable
{
    private static readonly AlertRule Red = new() { Id = "red-seen", Label = "red", Severity = "critical", Seen = 2, Of = 4, ClearAfter = 2 };
    private readonly TempFolder _state = new();
    private readonly SlotBench _bench = new();
    private readonly CollectingSink _sink = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _state.Dispose();
    }

    [Fact]
    public async Task An_alert_carries_the_photo_of_its_clearest_sample_small_enough_for_the_link()
    {
        var observer = Observer();
        var model = await ModelAsync("1.0.0", Red);
        var clear = _bench.Image(TestImages.NoisyJpeg(1600, 1200));

        Show(observer, model, clear, confidence: 0.95f);
        Show(observer, model, _bench.Image(TestImages.Jpeg(255, 0, 0)), confidence: 0.7f);

        var (happened, photo) = Assert.Single(_sink.Events);
        Assert.Equal((EventType.Alert, "red-seen", "critical", true), (happened.Type, happened.Alert!.Rule, happened.Alert.Severity, happened.Alert.Raised));
        Assert.Equal((2, 2, 0.825, "colours@1.0.0"), (happened.Alert.Seen, happened.Alert.Of, happened.Alert.Confidence, happened.Alert.Model));
        Assert.Equal(Sha256Digest.Of(photo), happened.Alert.Photo);
        Assert.InRange(photo.Length, 1, AlertPhoto.BytesMax);
        var pixels = new PixelBuffer();
        ImageDecoder.Decode(photo, pixels);
        Assert.InRange(Math.Max(pixels.Width, pixels.Height), 80, AlertPhoto.SideMax);
        Assert.Equal(4.0 / 3, (double)pixels.Width / pixels.Height, 1);
    }

    [Fact]
    public async Task A_small_photo_keeps_its_size_and_colour()
    {
        var photo = AlertPhoto.Encode(TestImages.Png(200, 30, 30, 100, 50)).ToArray();
        var pixels = new PixelBuffer();
        ImageDecoder.Decode(photo, pixels);

        Assert.Equal((100, 50), (pixels.Width, pixels.Height));
        Assert.InRange(pixels.Rgbx[0], 190, 210);
        Assert.InRange(pixels.Rgbx[1], 20, 40);
        Assert.True(AlertPhoto.Encode("no image"u8).IsEmpty);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Failed_samples_are_no_evidence_and_an_alert_ends_without_a_photo()
    {
        var observer = Observer();
        var model = await ModelAsync("1.0.0", Red);
        Show(observer, model, _bench.Image(TestImages.Png(255, 0, 0)));
        Show(observer, model, _bench.Image([]), error: "damaged");
        Show(observer, model, _bench.Image(TestImages.Png(255, 0, 0)));
        Show(observer, model, _bench.Image(TestImages.Png(0, 255, 0)), label: 1);
        Show(observer, model, _bench.Image([]), error: "damaged");
        Show(observer, model, _bench.Image(TestImages.Png(0, 255, 0)), label: 1);

        Assert.Equal([true, false], _sink.Events.Select(e => e.Event.Alert!.Raised));
        Assert.Empty(_sink.Events[1].Photo);
        Assert.Null(_sink.Events[1].Event.Alert!.Photo);
    }

    [Fact]
    public async Task The_threshold_can_be_tuned_within_the_manifests_bounds()
    {
        var observer = Observer();
        var model = await ModelAsync("1.0.0", Red);
        _bench.Host.Tune(new SlotSettings { ConfidenceMin = 0.999 });
        Assert.Equal(0.99, _bench.Host.ConfidenceMin(model));
        for (var i = 0; i < 4; i++)
            Show(observer, model, _bench.Image(TestImages.Png(255, 0, 0)), confidence: 0.95f);
        Assert.Empty(_sink.Events);

        _bench.Host.Tune(new SlotSettings { ConfidenceMin = 0.6 });
        Show(observer, model, _bench.Image(TestImages.Png(255, 0, 0)), confidence: 0.95f);
        Show(observer, model, _bench.Image(TestImages.Png(255, 0, 0)), confidence: 0.95f);
        Assert.Single(_sink.Events);
    }

    [Fact]
    public async Task Another_model_keeps_alerts_whose_rule_it_has_and_ends_the_others()
    {
        var observer = Observer();
        var first = await ModelAsync("1.0.0", Red, Red with { Id = "any-red" });
        Show(observer, first, _bench.Image(TestImages.Png(255, 0, 0)));
        Show(observer, first, _bench.Image(TestImages.Png(255, 0, 0)));
        Assert.Equal(2, _sink.Events.Count);

        using var second = await _bench.LoadAsync(TestPackageSpec.Colours("2.0.0") with { Alerts = [Red] });
        Show(observer, second, _bench.Image(TestImages.Png(255, 0, 0)));
        Show(observer, second, _bench.Image(TestImages.Png(255, 0, 0)));

        var ended = Assert.Single(_sink.Events.Skip(2)).Event.Alert!;
        Assert.Equal(("any-red", false, "colours@2.0.0"), (ended.Rule, ended.Raised, ended.Model));
    }

    [Fact]
    public async Task An_alert_raised_before_a_restart_is_not_raised_twice_and_is_cleared_after_it()
    {
        var model = await ModelAsync("1.0.0", Red);
        var before = Observer();
        Show(before, model, _bench.Image(TestImages.Png(255, 0, 0)));
        Show(before, model, _bench.Image(TestImages.Png(255, 0, 0)));

        var after = Observer();
        Show(after, model, _bench.Image(TestImages.Png(255, 0, 0)));
        Show(after, model, _bench.Image(TestImages.Png(255, 0, 0)));
        Assert.Single(_sink.Events);
        Show(after, model, _bench.Image(TestImages.Png(0, 255, 0)), label: 1);
        Show(after, model, _bench.Image(TestImages.Png(0, 255, 0)), label: 1);

        Assert.Equal([true, false], _sink.Events.Select(e => e.Event.Alert!.Raised));
    }

    [Fact]
    public async Task A_sensors_alert_carries_its_window_thinned_to_the_ends()
    {
        var observer = Observer();
        var rule = Red with { Label = "x-moves", Seen = 1, Of = 1 };
        var model = await _bench.LoadAsync(TestPackageSpec.Series(length: 1000) with { Alerts = [rule] });
        await _bench.Host.SwapAsync(model, Cancel);
        float[] window = [.. Enumerable.Range(0, 2000).Select(i => (float)i)];

        Show(observer, model, SampleFilling.Window(window), labels: 2);

        var (happened, photo) = Assert.Single(_sink.Events);
        Assert.Empty(photo);
        var readings = happened.Alert!.Readings!;
        Assert.Equal((AlertPhoto.ReadingsMax, 0, 1998), (readings.Count, readings[0], readings[^1]));
    }

    [Fact]
    public async Task The_photo_of_a_raw_frame_is_that_of_its_own_time_though_the_sample_is_filled_anew()
    {
        var observer = Observer();
        var model = await ModelAsync("1.0.0", Red);
        var frame = new Sample();
        Fill(frame, 1280, 720, (200, 30, 30));
        Show(observer, model, frame, confidence: 0.95f);
        Fill(frame, 640, 480, (0, 0, 255));
        Show(observer, model, frame, confidence: 0.7f);

        var pixels = new PixelBuffer();
        ImageDecoder.Decode(Assert.Single(_sink.Events).Photo, pixels);
        Assert.Equal((640, 360), (pixels.Width, pixels.Height));
        Assert.InRange(pixels.Rgbx[0], 190, 210);
        Assert.InRange(pixels.Rgbx[2], 20, 40);
    }

    private static void Fill(Sample frame, int width, int height, (byte Red, byte Green, byte Blue) colour)
    {
        frame.Pixels.Resize(width, height);
        for (var i = 0; i < width * height * 4; i += 4)
            (frame.Pixels.Rgbx[i], frame.Pixels.Rgbx[i + 1], frame.Pixels.Rgbx[i + 2]) = colour;
        frame.GivePixels(SampleOrigin.Counted("camera", "frame", 1));
    }

    [Fact]
    public void Only_samples_that_may_turn_out_the_clearest_are_held()
    {
        var clearest = new ClearestSample(of: 3);
        var samples = Enumerable.Range(0, 3).Select(i => SampleFilling.Window(i)).ToArray();

        clearest.Add(samples[0], 0.9f);
        clearest.Add(samples[1], 0.7f);
        Assert.Equal(0, clearest.Best!.Window[0]);
        clearest.Add(samples[2], 0.8f);
        Assert.Equal(2, clearest.Kept);
        clearest.Pass();
        Assert.Equal(2, clearest.Best!.Window[0]);
        clearest.Pass();
        clearest.Pass();
        Assert.Null(clearest.Best);
    }

    private AlertObserver Observer()
    {
        var store = new AlertStore(Options.Create(new AgentOptions { StateFolder = _state.Path }), NullLogger<AlertStore>.Instance);
        return new AlertObserver([_bench.Host], _sink, store, TimeProvider.System, NullLogger<AlertObserver>.Instance);
    }

    private async Task<LoadedModel> ModelAsync(string version, params AlertRule[] rules)
    {
        var model = await _bench.LoadAsync(TestPackageSpec.Colours(version) with { Alerts = rules });
        await _bench.Host.SwapAsync(model, Cancel);
        return model;
    }

    private void Show(AlertObserver observer, LoadedModel model, Sample sample, int label = 0, float confidence = 0.9f, string? error = null, int labels = 3)
    {
        var confidences = new float[labels];
        confidences[label] = confidence;
        observer.Observe(new SampleResult
        {
            Slot = _bench.Host.Slot,
            Sample = sample,
            Model = model,
            Answer = error is null ? new ClassAnswer(confidences) : null,
            Times = default,
            Error = error,
            IsInputFault = error is not null,
        });
    }
}
