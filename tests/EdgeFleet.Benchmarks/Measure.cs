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

    /// <summary>IP bytes that crossed the loopback of this process's network, without link headers.</summary>
    public static long LoopbackIpBytes()
    {
        // Not /sys/class/net: that shows the network in which sysfs was mounted.
        var lo = File.ReadLines("/proc/self/net/dev").First(l => l.TrimStart().StartsWith("lo:", StringComparison.Ordinal));
        var figures = lo[(lo.IndexOf(':') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(f => long.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        return figures[0] - LinkHeaderBytes * figures[1];
    }

    /// <summary>Median.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private const int LinkHeaderBytes = 14;

    private static long Kb(string[] lines, string key) =>
        long.Parse(lines.First(l => l.StartsWith(key, StringComparison.Ordinal))[key.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
