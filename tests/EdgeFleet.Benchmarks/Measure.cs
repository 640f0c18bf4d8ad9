using System.Globalization;

namespace EdgeFleet.Benchmarks;

/// <summary>Readings of the kernel about processes and the loopback.</summary>
internal static class Measure
{
    /// <summary>Proportional memory of a process in MB: all, and the part that cannot be evicted.</summary>
    public static (double PssMb, double AnonymousMb) Memory(int pid)
    {
        var lines = File.ReadAllLines($"/proc/{pid}/smaps_rollup");
        return (Kb(lines, "Pss:") / 1024.0, Kb(lines, "Pss_Anon:") / 1024.0);
    }

    /// <summary>IP bytes that crossed the loopback, both ways, without link headers.</summary>
    public static long LoopbackIpBytes() => Statistic("tx_bytes") - LinkHeaderBytes * Statistic("tx_packets");

    /// <summary>Median.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private const int LinkHeaderBytes = 14;

    private static long Statistic(string name) => long.Parse(File.ReadAllText($"/sys/class/net/lo/statistics/{name}"), CultureInfo.InvariantCulture);

    private static long Kb(string[] lines, string key) =>
        long.Parse(lines.First(l => l.StartsWith(key, StringComparison.Ordinal))[key.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
