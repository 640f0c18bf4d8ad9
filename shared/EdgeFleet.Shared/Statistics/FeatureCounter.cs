namespace EdgeFleet.Shared.Statistics;

/// <summary>Counts values of one feature into fixed bins and keeps their moments (Welford 1962). Not thread-safe: one owner folds.</summary>
public sealed class FeatureCounter
{
    private readonly double[] _edges;
    private readonly long[] _counts;
    private long _count;
    private double _mean;
    private double _m2;
    private double _min;
    private double _max;

    /// <summary>Bins between the growing inner edges; n edges make n + 1 bins, the outer two open.</summary>
    /// <exception cref="ArgumentException">The edges do not grow or are not finite.</exception>
    public FeatureCounter(IReadOnlyList<double> edges)
    {
        for (var i = 0; i < edges.Count; i++)
        {
            if (!double.IsFinite(edges[i]) || (i > 0 && edges[i] <= edges[i - 1]))
                throw new ArgumentException($"Bin edges must be finite and grow; edge {i} is {edges[i]}.", nameof(edges));
        }

        _edges = [.. edges];
        _counts = new long[_edges.Length + 1];
    }

    /// <summary>Counts by bin: bin i holds values below edge i and not below edge i - 1.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Moments so far.</summary>
    public Moments Moments => new() { Count = _count, Mean = _mean, M2 = _m2, Min = _min, Max = _max };

    /// <summary>Folds a value in; values that are not numbers are left out.</summary>
    public void Add(double value)
    {
        if (!double.IsFinite(value))
            return;

        _counts[BinOf(value)]++;
        (_min, _max) = _count == 0 ? (value, value) : (Math.Min(_min, value), Math.Max(_max, value));
        var delta = value - _mean;
        _mean += delta / ++_count;
        _m2 += delta * (value - _mean);
    }

    /// <summary>Forgets everything but the bins.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        (_count, _mean, _m2, _min, _max) = (0, 0, 0, 0, 0);
    }

    private int BinOf(double value)
    {
        var (low, high) = (0, _edges.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (value < _edges[middle])
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
