namespace EdgeFleet.Shared.Statistics;

/// <summary>How far two histograms over the same bins lie apart. Edges are the inner ones: n edges, n + 1 counts. Empty histograms are at distance 0.</summary>
public static class Distances
{
    /// <summary>
    /// 1-Wasserstein distance in the feature's unit: the area between the two distribution functions, by the trapezoid rule between the outer edges. What lies beyond
    /// them counts as lying on them, so it is a lower bound; so is the difference of the means.
    /// </summary>
    public static double Wasserstein(IReadOnlyList<double> edges, ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        var (na, nb) = (Sum(a), Sum(b));
        if (na == 0 || nb == 0)
            return 0;

        var (sumA, sumB, area, before) = (0L, 0L, 0.0, 0.0);
        for (var i = 0; i < edges.Count; i++)
        {
            sumA += a[i];
            sumB += b[i];
            var gap = Math.Abs((double)sumA / na - (double)sumB / nb);
            if (i > 0)
                area += (before + gap) / 2 * (edges[i] - edges[i - 1]);
            before = gap;
        }

        return area;
    }

    /// <summary>Population stability index in nats, with half a count added to each bin (Laplace).</summary>
    public static double Psi(ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        var (na, nb) = (Sum(a), Sum(b));
        if (na == 0 || nb == 0)
            return 0;

        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var p = (a[i] + 0.5) / (na + 0.5 * a.Length);
            var q = (b[i] + 0.5) / (nb + 0.5 * b.Length);
            sum += (p - q) * Math.Log(p / q);
        }

        return sum;
    }

    /// <summary>Jensen-Shannon distance, 0 to 1: the square root of the divergence in bits.</summary>
    public static double JensenShannon(ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        var (na, nb) = (Sum(a), Sum(b));
        if (na == 0 || nb == 0)
            return 0;

        var sum = 0.0;
        for (var i = 0; i < a.Length; i++)
        {
            var (p, q) = ((double)a[i] / na, (double)b[i] / nb);
            var m = (p + q) / 2;
            sum += Part(p, m) + Part(q, m);
        }

        return Math.Sqrt(Math.Max(0, sum / 2));

        static double Part(double p, double m) => p > 0 ? p * Math.Log2(p / m) : 0;
    }

    /// <summary>Kolmogorov-Smirnov statistic at the edges of the bins: the largest gap between the distribution functions.</summary>
    public static double KolmogorovSmirnov(ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        var (na, nb) = (Sum(a), Sum(b));
        if (na == 0 || nb == 0)
            return 0;

        var (sumA, sumB, most) = (0L, 0L, 0.0);
        for (var i = 0; i < a.Length; i++)
        {
            sumA += a[i];
            sumB += b[i];
            most = Math.Max(most, Math.Abs((double)sumA / na - (double)sumB / nb));
        }

        return most;
    }

    /// <summary>p-value of a Kolmogorov-Smirnov statistic of two samples of independent values (Stephens' correction): what textbooks alarm by, and what dependent streams break.</summary>
    public static double KolmogorovSmirnovP(double statistic, long n, long m)
    {
        var root = Math.Sqrt((double)n * m / (n + m));
        var lambda = (root + 0.12 + 0.11 / root) * statistic;
        if (lambda < 0.2)
            return 1; // The series below does not converge there, and the value is 1 to 10 digits.

        var (sum, sign) = (0.0, 1.0);
        for (var k = 1; k <= 100; k++)
        {
            var term = Math.Exp(-2 * k * k * lambda * lambda);
            sum += sign * term;
            sign = -sign;
            if (term < 1e-12)
                break;
        }

        return Math.Clamp(2 * sum, 0, 1);
    }

    private static long Sum(ReadOnlySpan<long> counts)
    {
        var sum = 0L;
        foreach (var count in counts)
            sum += count;
        return sum;
    }
}
