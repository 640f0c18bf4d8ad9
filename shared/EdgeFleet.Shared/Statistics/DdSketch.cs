using System.Text.Json.Serialization;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Statistics;

/// <summary>
/// DDSketch (Masson, Rim, Lee, VLDB 2019) with 1 % relative error, as a value. Bin i holds <c>i &lt;= m * f(x) &lt; i + 1</c>, where <c>f</c> is the binary logarithm with
/// its mantissa part in cubic interpolation (6/35, -3/5, 10/7; the mapping of Datadog's sketches): no bin is wider than a factor of <c>1.01 / 0.99</c>, and a value
/// finds its bin without a logarithm. Merging adds counts, so it is exact in any order and grouping.
/// </summary>
[JsonConverter(typeof(PackedSketch))]
public sealed record DdSketch
{
    /// <summary>Relative error of a quantile.</summary>
    public const double RelativeError = 0.01;

    private const double A = 6.0 / 35;
    private const double B = -3.0 / 5;
    private const double C = 10.0 / 7;

    // Bins a doubling: f grows by at least 10/7 for each unit of ln x, so that a bin spans at most ln gamma.
    private static readonly double BinsPerOctave = 1 / (C * Math.Log((1 + RelativeError) / (1 - RelativeError)));

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

    internal static int IndexOf(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF) - 1023;
        var s = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000) - 1;
        return (int)Math.Floor(BinsPerOctave * (exponent + (((A * s) + B) * s + C) * s));
    }

    // The lower end plus 1 %: within 1 % of both ends.
    internal static double ValueOf(int index)
    {
        var f = index / BinsPerOctave;
        var exponent = (int)Math.Floor(f);
        var (part, s) = (f - exponent, f - exponent);
        for (var i = 0; i < 6; i++) // Newton: the cubic is nearly the identity, so that it has converged long before.
            s -= ((((A * s) + B) * s + C) * s - part) / (((3 * A * s) + 2 * B) * s + C);
        return Math.ScaleB(1 + s, exponent) * (1 + RelativeError);
    }
}
