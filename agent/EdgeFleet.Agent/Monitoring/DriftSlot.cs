using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>Drift of one slot: picks the samples that windows take and the segment that they belong to. Results come on the slot's thread, questions on others: one lock guards it.</summary>
internal sealed class DriftSlot(SlotHost host, DriftStore store, DriftOptions options, TimeProvider time)
{
    private const int PackageFeaturesTold = 5;

    private readonly object _gate = new();
    private readonly DriftFile _kept = store.Load(host.Slot);
    private readonly Dictionary<string, DriftSegmentWatch> _watches = [];
    private readonly Dictionary<string, string> _told = [];
    private IReadOnlyList<DriftFeatureSize> _package = [];
    private long? _last;
    private string _now = "";

    /// <summary>Slot.</summary>
    public SlotName Slot => host.Slot;

    /// <summary>Takes an answered result in.</summary>
    /// <param name="result">The result.</param>
    /// <param name="began">True when a segment is watched from now on: what was kept of it can be reported.</param>
    /// <returns>What is to be told; null for nothing.</returns>
    public DriftChange? Observe(in SampleResult result, out bool began)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var segment = options.SegmentOf(TimeZoneInfo.ConvertTime(now, time.LocalTimeZone));
            began = !_watches.ContainsKey(segment);
            var watch = WatchOf(_now = segment, result.Model);
            var ticks = time.GetTimestamp();
            if (_last is { } last && time.GetElapsedTime(last, ticks) < options.Gap)
            {
                watch.Count();
                return null;
            }

            _last = ticks;
            if (watch.Add(result, now.ToUnixTimeMilliseconds()))
                Keep(segment, watch);
            if (_told[segment] is var before && before == watch.State)
                return null;

            _told[segment] = watch.State;
            return ChangeOf(before, watch, now);
        }
    }

    /// <summary>Compares a profile with the package's reference, and writes the state of drift into it.</summary>
    public HourlyProfile Finish(HourlyProfile profile, Reference reference)
    {
        lock (_gate)
        {
            _package = SizesOf(profile, reference);
            return _watches.TryGetValue(_now, out var watch) ? profile with { Drift = watch.State, DriftSize = watch.Size } : profile;
        }
    }

    /// <summary>Forgets what was learned, in both segments: what is seen from now on is how it should be.</summary>
    public void Rebaseline()
    {
        lock (_gate)
        {
            _watches.Clear();
            _told.Clear();
            _kept.Segments.Clear();
            store.Keep(Slot, Copy());
        }
    }

    /// <summary>What is known; null until something was answered.</summary>
    public DriftReport? Report()
    {
        lock (_gate)
        {
            if (_watches.Count == 0)
                return null;
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            return new DriftReport
            {
                State = _watches.Values.Select(w => w.State).Aggregate(DriftSegmentWatch.Worst),
                Segments = [.. _watches.OrderBy(w => w.Key, StringComparer.Ordinal).Select(w => w.Value.Describe(now))],
                Package = _package,
            };
        }
    }

    private DriftSegmentWatch WatchOf(string segment, LoadedModel model)
    {
        if (_watches.TryGetValue(segment, out var watch) && watch.Model == model)
            return watch;

        var kept = watch?.Record ?? _kept.Segments.GetValueOrDefault(segment);
        _told.TryAdd(segment, kept is null ? DriftState.Learning : DriftSegmentWatch.Worst(kept.Inputs.State, kept.Answers.State));
        return _watches[segment] = new DriftSegmentWatch(segment, model, kept, options.LengthFor(host.SamplesPerSecond), options);
    }

    private void Keep(string segment, DriftSegmentWatch watch)
    {
        _kept.Segments[segment] = watch.Record;
        store.Keep(Slot, Copy());
    }

    // The writer has a snapshot of its own; the records in it never change.
    private DriftFile Copy() => new() { Segments = new Dictionary<string, DriftSegmentRecord>(_kept.Segments) };

    private DriftChange ChangeOf(string before, DriftSegmentWatch watch, DateTimeOffset now) => new()
    {
        From = before,
        Now = watch.Describe(now.ToUnixTimeMilliseconds()),
        Seen = watch.Seen,
        Of = options.Of,
        Model = watch.Model.Package.Label,
    };

    private static IReadOnlyList<DriftFeatureSize> SizesOf(HourlyProfile profile, Reference reference)
    {
        var sizes = new List<DriftFeatureSize>();
        foreach (var (usual, now) in reference.Inputs.Zip(profile.Inputs).Where(f => f.First.Moments.Count > 0 && f.Second.Moments.Count > 0))
        {
            var floor = ImageFeatures.IndexOf(usual.Name) is >= 0 and var at ? ImageFeatures.All[at].Floor : 1e-6;
            var distance = DriftBaseline.Distance(usual.Edges, [.. usual.Counts], usual.Moments, [.. now.Counts], now.Moments, floor);
            sizes.Add(new DriftFeatureSize { Name = usual.Name, Size = (int)Math.Min(1_000_000, Math.Round(100 * distance)), Up = now.Moments.Mean > usual.Moments.Mean });
        }

        return [.. sizes.OrderByDescending(s => s.Size).Take(PackageFeaturesTold)];
    }
}
