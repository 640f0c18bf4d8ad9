using System.Text.Json.Serialization;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Statistics;

/// <summary>A feature as drift is watched in it: its bins are the site's own.</summary>
public sealed record DriftFeature
{
    /// <summary>Name, for example <c>luma</c>, <c>vibration.rms</c> or <c>label:rust</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Least spread that counts, in the feature's unit: below it a difference is the sensor's grain.</summary>
    public required double Floor { get; init; }

    /// <summary>Inner edges of the bins, growing.</summary>
    public required IReadOnlyList<double> Edges { get; init; }
}

/// <summary>One feature over one window: counts in the bins of its <see cref="DriftFeature"/>, moments, and how much its values hang together.</summary>
public sealed record FeatureWindow
{
    /// <summary>Counts by bin.</summary>
    [JsonConverter(typeof(PackedNumbers))]
    public required IReadOnlyList<long> Counts { get; init; }

    /// <summary>Moments.</summary>
    public required Moments Moments { get; init; }

    /// <summary><see cref="Dependence.Inflation"/>.</summary>
    public required double Inflation { get; init; }
}

/// <summary>A full window of one stream: its features in order.</summary>
public sealed record DriftWindow
{
    /// <summary>Begin, Unix ms.</summary>
    public required long At { get; init; }

    /// <summary>Values of each feature.</summary>
    public required int Count { get; init; }

    /// <summary>The features.</summary>
    public required IReadOnlyList<FeatureWindow> Features { get; init; }
}

/// <summary>Fills windows of a fixed number of samples. Not thread-safe: one owner folds.</summary>
public sealed class DriftWindowBuilder
{
    private readonly FeatureCounter[] _counters;
    private readonly Dependence[] _dependence;
    private readonly int _length;
    private long _begin;
    private int _count;

    /// <summary>Windows of <paramref name="length"/> samples.</summary>
    public DriftWindowBuilder(IReadOnlyList<DriftFeature> features, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        _length = length;
        _counters = [.. features.Select(f => new FeatureCounter(f.Edges))];
        _dependence = [.. features.Select(_ => new Dependence(length))];
    }

    /// <summary>Samples so far.</summary>
    public int Count => _count;

    /// <summary>Folds a sample in.</summary>
    /// <param name="at">When, Unix ms.</param>
    /// <param name="values">A value for each feature.</param>
    /// <returns>The window that it fills, else null.</returns>
    public DriftWindow? Add(long at, ReadOnlySpan<double> values)
    {
        if (_count++ == 0)
            _begin = at;
        for (var i = 0; i < _counters.Length; i++)
        {
            if (!double.IsFinite(values[i]))
                continue;
            _counters[i].Add(values[i]);
            _dependence[i].Add(values[i]);
        }

        if (_count < _length)
            return null;

        var window = new DriftWindow
        {
            At = _begin,
            Count = _count,
            Features = [.. _counters.Select((c, i) => new FeatureWindow { Counts = [.. c.Counts], Moments = c.Moments, Inflation = _dependence[i].Inflation })],
        };
        Clear();
        return window;
    }

    /// <summary>Forgets the samples so far.</summary>
    public void Clear()
    {
        foreach (var counter in _counters)
            counter.Clear();
        foreach (var dependence in _dependence)
            dependence.Clear();
        _count = 0;
    }
}
