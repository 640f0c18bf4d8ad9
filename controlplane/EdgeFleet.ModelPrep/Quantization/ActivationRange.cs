namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>The least and greatest value that a tensor took over the calibration samples.</summary>
public readonly record struct ActivationRange(float Min, float Max)
{
    /// <summary>Contains nothing yet.</summary>
    public static ActivationRange Empty { get; } = new(float.PositiveInfinity, float.NegativeInfinity);

    /// <summary>The range widened by values; NaN and infinities are ignored, they say nothing about a range.</summary>
    public ActivationRange With(ReadOnlySpan<float> values)
    {
        var (min, max) = (Min, Max);
        foreach (var value in values)
        {
            if (!float.IsFinite(value)) continue;
            if (value < min) min = value;
            if (value > max) max = value;
        }

        return new ActivationRange(min, max);
    }
}
