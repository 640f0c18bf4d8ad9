using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>Interval of the difference of two shares: Newcombe's hybrid score interval (1998, method 10), sound for few trials and shares near 0 and 1.</summary>
internal static class ShareDifference
{
    /// <summary>z of a two-sided 95 % interval.</summary>
    public const double TwoSided95 = 1.959963984540054;

    /// <summary>The ends of the interval of the first share less the second.</summary>
    public static (double Low, double High) Interval(int hits, int of, int otherHits, int otherOf, double z)
    {
        double mine = (double)hits / of, theirs = (double)otherHits / otherOf;
        double myLow = Wilson.LowerBound(hits, of, z), myHigh = Wilson.UpperBound(hits, of, z);
        double theirLow = Wilson.LowerBound(otherHits, otherOf, z), theirHigh = Wilson.UpperBound(otherHits, otherOf, z);
        return (mine - theirs - Math.Sqrt(Square(mine - myLow) + Square(theirHigh - theirs)),
            mine - theirs + Math.Sqrt(Square(myHigh - mine) + Square(theirs - theirLow)));
    }

    /// <summary>z of two-sided 95 % intervals that hold for so many comparisons at once (Bonferroni).</summary>
    public static double ZFor(int comparisons) => NormalQuantile(1 - (0.025 / Math.Max(1, comparisons)));

    /// <summary>Quantile of the standard normal distribution: Acklam's rational approximation (2003), relative error below 1.2e-9.</summary>
    internal static double NormalQuantile(double p)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(p, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(p, 1);
        const double low = 0.02425;
        if (p > 1 - low) return -NormalQuantile(1 - p);
        if (p < low)
        {
            var q = Math.Sqrt(-2 * Math.Log(p));
            return Polynomial(q, -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783)
                / Polynomial(q, 7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1);
        }

        var centred = p - 0.5;
        var square = centred * centred;
        return centred * Polynomial(square, -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239)
            / Polynomial(square, -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01, 1);
    }

    private static double Polynomial(double x, params ReadOnlySpan<double> coefficients)
    {
        var sum = 0.0;
        foreach (var coefficient in coefficients) sum = (sum * x) + coefficient;
        return sum;
    }

    private static double Square(double value) => value * value;
}
