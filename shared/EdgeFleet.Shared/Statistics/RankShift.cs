namespace EdgeFleet.Shared.Statistics;

/// <summary>By how much the values of one group lie above those of another, with bounds.</summary>
/// <param name="Estimate">Hodges-Lehmann estimate: the median of all differences between a value of the one and a value of the other; 0 for an empty group.</param>
/// <param name="Lower">Lower bound; null where the groups are too small for one at this error.</param>
/// <param name="Upper">Upper bound; null likewise.</param>
public readonly record struct Shift(double Estimate, double? Lower, double? Upper);

/// <summary>
/// Shift between two groups of independent values without any assumption on their shape: the Hodges-Lehmann estimate with the bounds that go with the rank test of
/// Mann and Whitney (1947). A few wild values move neither, so one flaky device says little.
/// </summary>
public static class RankShift
{
    // Above this many pairs the normal approximation differs from the exact count by less than a pair in a hundred.
    private const int ExactPairsMax = 2500;

    /// <summary>Shift of <paramref name="one"/> over <paramref name="other"/>.</summary>
    /// <param name="one">Values of the group that is judged.</param>
    /// <param name="other">Values of the group that it is compared with.</param>
    /// <param name="error">One-sided error of each bound, between 0 and 0.5.</param>
    public static Shift Between(ReadOnlySpan<double> one, ReadOnlySpan<double> other, double error)
    {
        if (one.IsEmpty || other.IsEmpty)
            return new Shift(0, null, null);

        var differences = new double[one.Length * other.Length];
        for (var i = 0; i < one.Length; i++)
        {
            for (var j = 0; j < other.Length; j++)
                differences[i * other.Length + j] = one[i] - other[j];
        }

        Array.Sort(differences);
        var middle = differences.Length / 2;
        var estimate = differences.Length % 2 == 1 ? differences[middle] : (differences[middle - 1] + differences[middle]) / 2;
        var rank = Rank(one.Length, other.Length, error);
        return rank == 0 ? new Shift(estimate, null, null) : new Shift(estimate, differences[rank - 1], differences[^rank]);
    }

    /// <summary>
    /// Rank among the sorted differences, from 1, of the lower bound, and from the top of the upper one: the largest c of which chance gives fewer than c pairs the
    /// wrong way round at most with the error. 0 where not even c = 1 does.
    /// </summary>
    public static int Rank(int n, int m, double error)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(m);
        if (!(error is > 0 and < 0.5))
            throw new ArgumentOutOfRangeException(nameof(error), error, "An error of a bound lies between 0 and 0.5.");
        return n * m <= ExactPairsMax ? Exact(Math.Min(n, m), Math.Max(n, m), error) : Approximate(n, m, error);
    }

    /// <summary>
    /// Distance that a true shift needs from a limit to be shown beyond it in most cases (<paramref name="power"/>), for values that scatter normally with
    /// <paramref name="spread"/>: (z of the error + z of the power) times the standard error of the estimate. Infinite where <see cref="Rank"/> is 0.
    /// </summary>
    public static double SmallestShown(int n, int m, double spread, double error, double power)
    {
        if (n <= 0 || m <= 0 || Rank(n, m, error) == 0)
            return double.PositiveInfinity;
        // The rank test's efficiency for normal values is 3 / pi.
        var standardError = spread * Math.Sqrt(Math.PI / 3 * (n + m + 1) / ((double)n * m));
        return (Normal.Quantile(1 - error) + Normal.Quantile(power)) * standardError;
    }

    private static int Approximate(int n, int m, double error)
    {
        var pairs = (double)n * m;
        var spread = Math.Sqrt(pairs * (n + m + 1) / 12);
        return Math.Max(0, (int)Math.Floor(pairs / 2 - Normal.Quantile(1 - error) * spread + 0.5));
    }

    // Counts of orders by pairs the wrong way round: the coefficients of the Gaussian binomial, low orders first, so that nothing large is ever subtracted from.
    private static int Exact(int n, int m, double error)
    {
        var counts = new double[n * m + 1];
        counts[0] = 1;
        for (var i = 1; i <= n; i++)
        {
            for (var u = counts.Length - 1; u >= m + i; u--)
                counts[u] -= counts[u - m - i];
            for (var u = i; u < counts.Length; u++)
                counts[u] += counts[u - i];
        }

        var orders = 1.0;
        for (var i = 1; i <= n; i++)
            orders *= (double)(m + i) / i;

        var (rank, below) = (0, 0.0);
        while (rank < counts.Length && (below + counts[rank]) / orders <= error)
            below += counts[rank++];
        return rank;
    }
}
