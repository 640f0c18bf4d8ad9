namespace EdgeFleet.Shared.Statistics;

/// <summary>
/// Bins for a feature, from the values of its first window. The package's bins lie where training data was: a site whose light is far from it would fill one bin only.
/// </summary>
public static class DriftBins
{
    private const int Quantiles = 16;
    private static readonly double[] Reach = [0.5, 1, 2, 4, 8];

    /// <summary>Edges at the sixteenths of the values, and on both sides beyond them at growing distances, so that what comes later has a bin too.</summary>
    /// <param name="values">Values; what is not a number is left out.</param>
    /// <param name="floor">Least spread that counts; edges lie at least half of it apart.</param>
    public static IReadOnlyList<double> From(IEnumerable<double> values, double floor)
    {
        var sorted = values.Where(double.IsFinite).Order().ToArray();
        if (sorted.Length == 0)
            sorted = [0];

        var mean = sorted.Average();
        var spread = Math.Max(floor, Math.Sqrt(sorted.Average(v => (v - mean) * (v - mean))));
        var inner = Enumerable.Range(1, Quantiles - 1).Select(i => sorted[sorted.Length * i / Quantiles]);
        var outer = Reach.SelectMany(r => new[] { sorted[0] - r * spread, sorted[^1] + r * spread });
        return Apart([.. inner.Concat(outer).Order()], Math.Max(floor / 2, double.Epsilon));
    }

    /// <summary>Inner edges at equal shares of the values, rounded to six digits; equal ones fall together.</summary>
    /// <param name="values">Values, at least one.</param>
    /// <param name="bins">Bins at most.</param>
    public static IReadOnlyList<double> OfShares(IEnumerable<double> values, int bins)
    {
        var sorted = values.Order().ToArray();
        return [.. Enumerable.Range(1, bins - 1).Select(i => Rounded(sorted[(int)((long)sorted.Length * i / bins)])).Distinct()];
    }

    private static IReadOnlyList<double> Apart(IReadOnlyList<double> sorted, double least)
    {
        var edges = new List<double> { sorted[0] };
        foreach (var edge in sorted.Where(e => e - edges[^1] >= least && e > edges[^1]))
            edges.Add(edge);
        return edges;
    }

    private static double Rounded(double value) =>
        double.Parse(value.ToString("G6", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
}
