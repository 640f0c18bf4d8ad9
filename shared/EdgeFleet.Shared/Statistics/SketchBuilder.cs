namespace EdgeFleet.Shared.Statistics;

/// <summary>Folds values into a <see cref="DdSketch"/> without allocation: a fixed range of bins from 1 to about 10^9. Not thread-safe: one owner folds.</summary>
public sealed class SketchBuilder
{
    private const int Bins = 1050; // 30 doublings, about 1.07e9: with microseconds, 17 minutes.
    private readonly uint[] _counts = new uint[Bins];
    private long _zero;

    /// <summary>Values folded in.</summary>
    public long Count { get; private set; }

    /// <summary>Folds a value in. 0 and below count as zero, up to 1 as 1, above the range as its end; what is not a number is left out.</summary>
    public void Add(double value)
    {
        if (double.IsNaN(value))
            return;

        Count++;
        if (value <= 0)
            _zero++;
        else
            _counts[Math.Clamp(value >= double.MaxValue ? Bins - 1 : DdSketch.IndexOf(value), 0, Bins - 1)]++;
    }

    /// <summary>The sketch so far, its empty ends cut off.</summary>
    public DdSketch Build()
    {
        var first = Array.FindIndex(_counts, c => c != 0);
        if (first < 0)
            return new DdSketch { Zero = _zero };

        var last = Array.FindLastIndex(_counts, c => c != 0);
        return new DdSketch { Zero = _zero, Offset = first, Counts = Array.ConvertAll(_counts[first..(last + 1)], c => (long)c) };
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        (_zero, Count) = (0, 0);
    }
}
