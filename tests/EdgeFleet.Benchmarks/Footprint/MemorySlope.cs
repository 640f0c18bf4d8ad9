namespace EdgeFleet.Benchmarks.Footprint;

/// <summary>Growth of memory over samples: least squares through the means of equal blocks of samples, since readings beside each other are alike.</summary>
/// <param name="Readings">How many there were.</param>
/// <param name="KbPerThousand">Slope, kB for 1,000 samples.</param>
/// <param name="UpperKbPerThousand">Upper bound of it, 95 %, one-sided (Student's t).</param>
/// <param name="Means">Means of ten parts of the run in turn, MB.</param>
internal readonly record struct MemorySlope(int Readings, double KbPerThousand, double UpperKbPerThousand, IReadOnlyList<double> Means)
{
    private const int Blocks = 40;
    private const int BlocksMin = 20;

    /// <summary>Slope of readings taken over the run.</summary>
    /// <param name="readings">Samples answered, and anonymous memory in MB.</param>
    public static MemorySlope Of(IReadOnlyList<(long Samples, double Mb)> readings)
    {
        var (first, last) = readings.Count > 0 ? (readings[0].Samples, readings[^1].Samples) : (0, 0);
        var means = readings
            .GroupBy(r => (int)Math.Min(Blocks - 1, (r.Samples - first) * Blocks / Math.Max(1, last - first)))
            .Select(block => (X: block.Average(r => r.Samples / 1000.0), Y: block.Average(r => r.Mb * 1024)))
            .ToList();
        if (means.Count < BlocksMin)
            throw new InvalidOperationException($"Readings fell into {means.Count} of {Blocks} blocks: too few to judge growth by.");

        var (x, y) = (means.Average(l => l.X), means.Average(l => l.Y));
        var spread = means.Sum(l => (l.X - x) * (l.X - x));
        var slope = means.Sum(l => (l.X - x) * (l.Y - y)) / spread;
        var rest = means.Sum(l => Math.Pow(l.Y - y - slope * (l.X - x), 2)) / (means.Count - 2);
        return new MemorySlope(readings.Count, slope, slope + StudentT95(means.Count - 2) * Math.Sqrt(rest / spread), [.. readings.Chunk((readings.Count + 9) / 10).Select(part => part.Average(r => r.Mb))]);
    }

    // 95 %, one-sided; within 0.002 of the tables from 15 degrees of freedom up.
    private static double StudentT95(int degrees) => 1.645 + 1.58 / degrees;
}
