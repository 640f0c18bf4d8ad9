namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Where the values of one tensor lie: first its range is found, then every value is counted in one of 2,048 equal bins over it.</summary>
internal sealed class TensorHistogram
{
    /// <summary>Bins.</summary>
    public const int BinCount = 2048;

    private readonly long[] _bins = new long[BinCount];
    private float _binsPerUnit;

    /// <summary>Least and greatest finite value.</summary>
    public ActivationRange Range { get; private set; } = ActivationRange.Empty;

    /// <summary>Counts by bin.</summary>
    public ReadOnlySpan<long> Bins => _bins;

    /// <summary>Whether any finite value was seen.</summary>
    public bool IsSeen => Range.Min <= Range.Max;

    /// <summary>The middle of a bin.</summary>
    public double Middle(int bin) => Range.Min + ((bin + 0.5) * ((double)Range.Max - Range.Min) / BinCount);

    /// <summary>First pass: widens the range.</summary>
    public void Widen(ReadOnlySpan<float> values) => Range = Range.With(values);

    /// <summary>Between the passes: the range is final.</summary>
    public void Close()
    {
        var width = (double)Range.Max - Range.Min;
        _binsPerUnit = width > 0 ? (float)Math.Min(BinCount / width, float.MaxValue) : 0;
    }

    /// <summary>Second pass: counts.</summary>
    public void Count(ReadOnlySpan<float> values)
    {
        var (min, perUnit) = (Range.Min, _binsPerUnit);
        foreach (var value in values)
        {
            if (!float.IsFinite(value)) continue;
            _bins[Math.Clamp((int)((value - min) * perUnit), 0, BinCount - 1)]++;
        }
    }
}
