using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Monitoring;
using EdgeFleet.Agent.Tests.Inference;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Monitoring;

public sealed class DriftSlotTests : IAsyncDisposable
{
    private const int Length = 50;
    private const int LearnWindows = 20;
    private static readonly DriftOptions Quick = new() { WindowSamples = Length, WindowMinutes = 0, LearnWindows = LearnWindows, LearnWindowsMin = 6 };
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 9, 0, 0, TimeSpan.Zero));
    private readonly TempFolder _folder = new();
    private readonly SlotBench _bench;
    private readonly Random _random = new(4);
    private DriftStore _store;
    private DriftSlot _slot;

    public DriftSlotTests()
    {
        _bench = new SlotBench(time: _time);
        _store = Store();
        _slot = Slot(Quick);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _bench.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_first_window_sets_the_bins_the_next_are_learned_and_then_a_dark_camera_is_told_after_two_windows_and_its_end_after_three()
    {
        using var model = await _bench.LoadAsync(TestPackageSpec.Colours());
        Assert.Null(_slot.Report());
        Assert.Empty(Feed(model, 1 + LearnWindows / 2));
        var halfway = Assert.Single(_slot.Report()!.Segments);
        Assert.Equal(("day", DriftState.Learning, 0L), (halfway.Segment, halfway.State, halfway.Windows));
        Assert.InRange(halfway.Progress, 0.45, 0.55);

        var learned = Assert.Single(Feed(model, LearnWindows / 2));
        Assert.Equal((DriftState.Learning, DriftState.Steady, 1.0), (learned.From, learned.Now.State, learned.Now.Progress));
        Assert.Empty(Feed(model, 5));

        Assert.Empty(Feed(model, 1, light: 0.5));
        var dark = Assert.Single(Feed(model, 1, light: 0.5));
        Assert.Equal((DriftState.Drifting, 2, 3, "colours@1.0.0"), (dark.Now.State, dark.Seen, dark.Of, dark.Model));
        Assert.Equal(["dark"], dark.Now.Causes);
        Assert.Contains(dark.Now.Features, f => f is { Name: ImageFeatures.Luma, Up: false, Size: > 200 });
        Assert.Equal(DriftState.Drifting, _slot.Report()!.State);

        Assert.Empty(Feed(model, 2));
        Assert.Equal(DriftState.Steady, Assert.Single(Feed(model, 1)).Now.State);
    }

    [Fact]
    public async Task A_restart_goes_on_where_the_disk_says_while_learning_and_after_it()
    {
        using var model = await _bench.LoadAsync(TestPackageSpec.Colours());
        Feed(model, 1 + LearnWindows / 2);
        Restart();
        var learned = Assert.Single(Feed(model, LearnWindows / 2));
        Assert.Equal(DriftState.Steady, learned.Now.State);

        Feed(model, 1, light: 0.5);
        Restart();
        var dark = Assert.Single(Feed(model, 1, light: 0.5));
        Assert.Equal((DriftState.Drifting, 2), (dark.Now.State, dark.Seen));
        Restart();
        Assert.Empty(Feed(model, 2));
        Assert.Equal(DriftState.Drifting, _slot.Report()!.State);
    }

    [Fact]
    public async Task A_new_version_keeps_what_is_usual_of_the_pictures_and_learns_the_answers_anew()
    {
        using var first = await _bench.LoadAsync(TestPackageSpec.Colours());
        Feed(first, 1 + LearnWindows);
        using var second = await _bench.LoadAsync(TestPackageSpec.Colours("2.0.0"));
        var anew = Assert.Single(Feed(second, 1));
        Assert.Equal((DriftState.Steady, DriftState.Learning, "colours@2.0.0"), (anew.From, anew.Now.State, anew.Model));
        Assert.Equal(DriftState.Learning, _slot.Report()!.State);

        var dark = Assert.Single(Feed(second, 2, light: 0.5));
        Assert.Equal((DriftState.Learning, DriftState.Drifting), (dark.From, dark.Now.State));
        Assert.Equal(["dark"], dark.Now.Causes);
    }

    [Fact]
    public async Task Answers_that_change_are_told_though_the_pictures_do_not()
    {
        using var model = await _bench.LoadAsync(TestPackageSpec.Colours());
        Feed(model, 1 + LearnWindows);
        Feed(model, 1, confidence: 0.5f);
        var change = Assert.Single(Feed(model, 1, confidence: 0.5f));
        Assert.Equal(["confidence-drop"], change.Now.Causes);
    }

    [Fact]
    public async Task Day_and_night_are_learned_apart_so_that_the_night_is_no_drift()
    {
        using var model = await _bench.LoadAsync(TestPackageSpec.Colours());
        Feed(model, 1 + LearnWindows);
        _time.Advance(TimeSpan.FromHours(12));
        Assert.Empty(Feed(model, 5, light: 0.1));

        Assert.Equal([("day", DriftState.Steady), ("night", DriftState.Learning)], _slot.Report()!.Segments.Select(s => (s.Segment, s.State)));
        _time.Advance(TimeSpan.FromHours(12));
        Assert.Empty(Feed(model, 5));
    }

    [Fact]
    public async Task What_was_learned_is_forgotten_when_asked_and_stays_forgotten()
    {
        using var model = await _bench.LoadAsync(TestPackageSpec.Colours());
        Feed(model, 1 + LearnWindows);
        _slot.Rebaseline();
        Restart();
        Assert.Null(_slot.Report());
        Feed(model, 2, light: 0.5);
        Assert.Equal(DriftState.Learning, _slot.Report()!.State);
    }

    [Fact]
    public async Task A_damaged_file_is_learned_anew_and_nothing_breaks()
    {
        using var model = await _bench.LoadAsync(TestPackageSpec.Colours());
        Feed(model, 1 + LearnWindows);
        _store.Flush();
        var file = Assert.Single(Directory.GetFiles(_folder["drift"]));
        var whole = File.ReadAllBytes(file);
        foreach (var damaged in new byte[][] { [], whole[..(whole.Length / 2)], [.. whole.Select(b => b == (byte)'A' ? (byte)'B' : b)], "null"u8.ToArray() })
        {
            File.WriteAllBytes(file, damaged);
            _slot = Slot(Quick);
            Feed(model, 2);
            Assert.NotNull(_slot.Report());
        }
    }

    [Fact]
    public async Task Of_a_fast_source_samples_are_left_out_so_that_a_window_lasts_as_long_as_it_should()
    {
        using var model = await _bench.LoadAsync(TestPackageSpec.Colours());
        _slot = Slot(Quick with { WindowMinutes = 10 });
        for (var i = 0; i < 10 * 60 * 10; i++)
        {
            Answer(model);
            _time.Advance(TimeSpan.FromSeconds(0.1));
        }

        Assert.Equal(0, Assert.Single(_slot.Report()!.Segments).Progress);
        for (var i = 0; i < 11 * 60 * 10; i++)
        {
            Answer(model);
            _time.Advance(TimeSpan.FromSeconds(0.1));
        }

        Assert.Equal(1.0 / LearnWindows, _slot.Report()!.Segments[0].Progress, 0.001);
    }

    [Theory]
    [InlineData(0.1, 1000)]
    [InlineData(10, 1000)]
    [InlineData(0.01, 144)]
    [InlineData(0.0001, 50)]
    [InlineData(0, 1000)]
    public void Slow_sources_have_shorter_windows(double samplesPerSecond, int length) => Assert.Equal(length, new DriftOptions().LengthFor(samplesPerSecond));

    private DriftStore Store() => new(Options.Create(new AgentOptions { StateFolder = _folder.Path }), NullLogger<DriftStore>.Instance);

    private DriftSlot Slot(DriftOptions options) => new(_bench.Host, _store, options, _time);

    private void Restart()
    {
        _store.Flush();
        _store.Dispose();
        _store = Store();
        _slot = Slot(Quick);
    }

    private List<DriftChange> Feed(LoadedModel model, int windows, double light = 1, float confidence = 0.9f)
    {
        var changes = new List<DriftChange>();
        for (var i = 0; i < windows * Length; i++)
        {
            if (Answer(model, light, confidence) is { } change)
                changes.Add(change);
        }

        return changes;
    }

    private DriftChange? Answer(LoadedModel model, double light = 1, float confidence = 0.9f)
    {
        var features = new double[ImageFeatures.Count];
        for (var i = 0; i < features.Length; i++)
            features[i] = 100 + 10 * (_random.NextDouble() - 0.5);
        features[ImageFeatures.IndexOf(ImageFeatures.Luma)] *= light;
        return _slot.Observe(new SampleResult
        {
            Slot = _bench.Host.Slot,
            Sample = new Sample(),
            Model = model,
            Answer = new ClassAnswer([confidence - 0.05f * _random.NextSingle(), 0.05f, 0.05f]),
            Features = features,
            Times = default,
        }, out _);
    }
}
