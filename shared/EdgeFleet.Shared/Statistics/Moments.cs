namespace EdgeFleet.Shared.Statistics;

/// <summary>Count, mean, squared deviations, least and greatest of a stream; two merge as if one had seen all (Chan, Golub, LeVeque 1979): count, least and greatest exactly, mean and squared deviations within rounding (about 1e-12 of the values' magnitude, and its square).</summary>
public sealed record Moments
{
    /// <summary>Values seen.</summary>
    public long Count { get; init; }

    /// <summary>Mean.</summary>
    public double Mean { get; init; }

    /// <summary>Sum of squared deviations from the mean.</summary>
    public double M2 { get; init; }

    /// <summary>Least value; 0 when none was seen.</summary>
    public double Min { get; init; }

    /// <summary>Greatest value; 0 when none was seen.</summary>
    public double Max { get; init; }

    /// <summary>Variance of the sample; 0 below two values.</summary>
    public double Variance => Count < 2 ? 0 : M2 / (Count - 1);

    /// <summary>Moments of two streams together.</summary>
    public static Moments Merge(Moments a, Moments b)
    {
        if (a.Count == 0)
            return b;
        if (b.Count == 0)
            return a;

        var count = a.Count + b.Count;
        var delta = b.Mean - a.Mean;
        return new Moments
        {
            Count = count,
            Mean = a.Mean + delta * b.Count / count,
            M2 = a.M2 + b.M2 + delta * delta * a.Count * b.Count / count,
            Min = Math.Min(a.Min, b.Min),
            Max = Math.Max(a.Max, b.Max),
        };
    }

    /// <summary>Mean and squared deviations of a stream without a part of it. Least and greatest stay those of the whole: what took them away is not known.</summary>
    public static Moments Without(Moments whole, Moments part)
    {
        var count = whole.Count - part.Count;
        if (count <= 0)
            return new Moments();

        var mean = whole.Mean + (whole.Mean - part.Mean) * part.Count / count;
        var delta = part.Mean - mean;
        return whole with { Count = count, Mean = mean, M2 = Math.Max(0, whole.M2 - part.M2 - delta * delta * part.Count * count / whole.Count) };
    }
}
