using System.Globalization;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>Energy that the processor packages of this machine have taken, from the kernel's powercap counters (RAPL): a sum that wraps round.</summary>
internal sealed class MachineEnergy
{
    private readonly IReadOnlyList<Counter> _counters;

    private MachineEnergy(IReadOnlyList<Counter> counters, string note) => (_counters, Note) = (counters, note);

    /// <summary>How it is measured, or why it is not, in one sentence.</summary>
    public string Note { get; }

    /// <summary>Whether there is anything to read.</summary>
    public bool IsThere => _counters.Count > 0;

    /// <summary>Finds the counters.</summary>
    /// <param name="root">Root of the file system.</param>
    public static MachineEnergy Find(string root = "/")
    {
        var place = Path.Combine(root, "sys/class/powercap");
        string[] zones = Directory.Exists(place) ? [.. Directory.GetDirectories(place).Where(IsPackage).Order(StringComparer.Ordinal)] : [];
        if (zones.Length == 0) return new MachineEnergy([], "Energy: unavailable, this machine has no energy counter (RAPL).");
        var counters = zones.Select(z => new Counter(Path.Combine(z, "energy_uj"), Number(Path.Combine(z, "max_energy_range_uj")) ?? 0)).ToList();
        return counters.Any(c => Number(c.Path) is null)
            ? new MachineEnergy([], $"Energy: unavailable, {counters[0].Path} may not be read by this user; on a machine of your own, run as root.")
            : new MachineEnergy(counters, $"Energy: of {counters.Count} processor package(s) by RAPL, gross: idle and whatever else ran is in it.");
    }

    /// <summary>Joule since the first reading; null once a counter cannot be read.</summary>
    public double? Joule()
    {
        foreach (var counter in _counters)
        {
            if (Number(counter.Path) is not { } now) return null;
            counter.Advance(now);
        }

        return _counters.Sum(c => c.Sum) / 1e6;
    }

    private static bool IsPackage(string zone)
    {
        var name = Path.Combine(zone, "name");
        return File.Exists(name) && File.ReadAllText(name).StartsWith("package", StringComparison.Ordinal);
    }

    private static long? Number(string path)
    {
        try
        {
            return long.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed class Counter(string path, long range)
    {
        private long? _last;

        public string Path => path;

        public double Sum { get; private set; }

        public void Advance(long now)
        {
            if (_last is { } last) Sum += now >= last ? now - last : now + range - last;
            _last = now;
        }
    }
}
