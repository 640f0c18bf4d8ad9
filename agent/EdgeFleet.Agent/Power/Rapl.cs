namespace EdgeFleet.Agent.Power;

/// <summary>
/// Energy counters of x86 processors (<c>/sys/class/powercap</c>). The packages are added; what is inside a package (core, uncore) is in it already, and
/// <c>intel-rapl-mmio</c> shows the same packages a second time. Memory and the rest of the board are not in it. Source: codecarbon, <c>core/rapl.py</c>.
/// </summary>
internal static class Rapl
{
    // The counters step by 61 µJ or less, but only about once in a millisecond: at 50 W that is the larger uncertainty.
    private const double StepJoules = 0.05;

    /// <summary>A meter of the packages (or of <c>psys</c>); null when there are no counters, a reason when they may not be read.</summary>
    public static MeterFound? Find(BoardRoot root, bool wholePlatform = false)
    {
        var zones = BoardRoot.Folders(root["sys/class/powercap"], "intel-rapl:*")
            .Where(z => Path.GetFileName(z).Count(c => c == ':') == 1)
            .Select(z => (Folder: z, Name: BoardRoot.Text(Path.Combine(z, "name")) ?? ""))
            .Where(z => wholePlatform ? z.Name == "psys" : z.Name.StartsWith("package", StringComparison.Ordinal))
            .DistinctBy(z => z.Name).ToList();
        if (zones.Count == 0)
            return null;

        var meter = new CounterMeter(
            $"rapl {string.Join('+', zones.Select(z => z.Name))}",
            [.. zones.Select(z => new EnergyCounter(Path.Combine(z.Folder, "energy_uj"), BoardRoot.Number(Path.Combine(z.Folder, "max_energy_range_uj")) ?? 0))],
            StepJoules);
        if (meter.TryRead(out _))
            return MeterFound.Of(meter);

        meter.Dispose();
        return MeterFound.None($"The processor counts its energy, but the agent may not read it ({meter.Fault}). Give the agent's group the right to read /sys/class/powercap/intel-rapl:*/energy_uj, for example by a udev rule.");
    }
}
