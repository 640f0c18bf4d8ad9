namespace EdgeFleet.Shared.Statistics;

/// <summary>Wilson score interval (1927) for a share: sound for few trials and shares near 0 and 1.</summary>
public static class Wilson
{
    /// <summary>z of a one-sided 95 % bound.</summary>
    public const double OneSided95 = 1.6448536269514722;

    /// <summary>Lower bound of the true share after <paramref name="hits"/> of <paramref name="trials"/>; 0 for no trials.</summary>
    public static double LowerBound(long hits, long trials, double z = OneSided95) => Bound(hits, trials, -z);

    /// <summary>Upper bound of the true share; 1 for no trials.</summary>
    public static double UpperBound(long hits, long trials, double z = OneSided95) => Bound(hits, trials, z);

    private static double Bound(long hits, long trials, double z)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, trials);
        if (trials == 0)
            return z < 0 ? 0 : 1;

        var (n, p, zz) = ((double)trials, (double)hits / trials, z * z);
        var centre = p + zz / (2 * n);
        var spread = z * Math.Sqrt(p * (1 - p) / n + zz / (4 * n * n));
        return Math.Clamp((centre + spread) / (1 + zz / n), 0, 1);
    }
}
