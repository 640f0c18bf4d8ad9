using System.Text.Json.Serialization;

namespace EdgeFleet.Shared.Statistics;

/// <summary>
/// DDSketch (Masson, Rim, Lee, VLDB 2019) with 1 % relative error, as a value: bins of growth <c>gamma = 1.01 / 0.99</c>,
/// bin i holding <c>(gamma^(i-1), gamma^i]</c>. Merging adds counts, so it is exact in any order and grouping.
/// </summary>
public sealed record DdSketch
{
    /// <summary>Relative error of a quantile.</summary>
    public const double RelativeError = 0.01;

    internal const double Gamma = (1 + RelativeError) / (1 - RelativeError);
    internal static readonly double LogGamma = Math.Log(Gamma);

    /// <summary>Values of 0 and below.</summary>
    public long Zero { get; init; }

    /// <summary>Index of the first bin in <see cref="Counts"/>.</summary>
    public int Offset { get; init; }

    /// <summary>Counts of consecutive bins.</summary>
    public IReadOnlyList<long> Counts { get; set; } = [];

    /// <summary>Values in the sketch.</summary>
    [JsonIgnore]
    public long Count => Zero + Counts.Sum();

    /// <summary>Quantile q of 0 to 1, within 1 % of the true value; 0 for an empty sketch.</summary>
    public double Quantile(double q)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(q);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(q, 1);
        var rank = q * (Count - 1);
        var seen = Zero;
        if (Count == 0 || seen > rank)
            return 0;

        for (var i = 0; i < Counts.Count; i++)
        {
            seen += Counts[i];
            if (seen > rank)
                return ValueOf(Offset + i);
        }

        return ValueOf(Offset + Counts.Count - 1);
    }

    /// <summary>Both sketches together.</summary>
    public static DdSketch Merge(DdSketch a, DdSketch b)
    {
        if (a.Counts.Count == 0 || b.Counts.Count == 0)
        {
            var bins = a.Counts.Count == 0 ? b : a;
            return bins with { Zero = a.Zero + b.Zero };
        }

        var low = Math.Min(a.Offset, b.Offset);
        var high = Math.Max(a.Offset + a.Counts.Count, b.Offset + b.Counts.Count);
        var counts = new long[high - low];
        foreach (var sketch in (ReadOnlySpan<DdSketch>)[a, b])
        {
            for (var i = 0; i < sketch.Counts.Count; i++)
                counts[sketch.Offset - low + i] += sketch.Counts[i];
        }

        return new DdSketch { Zero = a.Zero + b.Zero, Offset = low, Counts = counts };
    }

    internal static int IndexOf(double value) => (int)Math.Ceiling(Math.Log(value) / LogGamma);

    private static double ValueOf(int index) => 2 * Math.Exp(index * LogGamma) / (Gamma + 1);
}
