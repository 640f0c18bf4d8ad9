namespace EdgeFleet.Agent.Power;

/// <summary>Clocks of the processor.</summary>
/// <param name="Mhz">Fastest core now.</param>
/// <param name="LimitMhz">What the fastest core may reach now: power modes and heat lower it.</param>
/// <param name="Governor">How clocks are chosen, for example <c>schedutil</c>.</param>
internal sealed record CpuClocks(int? Mhz, int? LimitMhz, string? Governor)
{
    /// <summary>Reads them. Cores that are off or give nothing are left out.</summary>
    public static CpuClocks Read(BoardRoot root)
    {
        var cores = BoardRoot.Folders(root["sys/devices/system/cpu"], "cpu*").Select(c => Path.Combine(c, "cpufreq")).Where(Directory.Exists).ToList();
        int? Fastest(string name) => cores.Select(c => BoardRoot.Number(Path.Combine(c, name))).Max() is { } khz ? (int)(khz / 1000) : null;
        return new CpuClocks(Fastest("scaling_cur_freq"), Fastest("scaling_max_freq"), cores.Select(c => BoardRoot.Text(Path.Combine(c, "scaling_governor"))).FirstOrDefault(g => g is not null));
    }
}

/// <summary>The GPU of a Jetson.</summary>
/// <param name="LoadPercent">Load; null where it cannot be read, for example while the GPU is off.</param>
/// <param name="Mhz">Clock.</param>
internal sealed record Gpu(double? LoadPercent, int? Mhz)
{
    /// <summary>Reads it; null when the board has none that says so.</summary>
    public static Gpu? Read(BoardRoot root)
    {
        var device = BoardRoot.Folders(root["sys/class/devfreq"]).FirstOrDefault(IsGpu);
        if (device is null)
            return null;

        var load = BoardRoot.Number(Path.Combine(device, "device", "load"));
        var hertz = BoardRoot.Number(Path.Combine(device, "cur_freq"));
        return new Gpu(load is { } permille ? permille / 10.0 : null, hertz is { } hz ? (int)(hz / 1_000_000) : null);
    }

    // Thor has no device tree node there, but says it in the name.
    private static bool IsGpu(string device) =>
        BoardRoot.Text(Path.Combine(device, "device", "of_node", "name"))?.Contains("gpu", StringComparison.Ordinal) == true
        || Path.GetFileName(device).StartsWith("gpu-gpc", StringComparison.Ordinal);
}

/// <summary>The power mode of a Jetson.</summary>
internal static class NvPowerMode
{
    /// <summary>Asks <c>nvpmodel -q</c>; null where there is none or it gives no mode.</summary>
    public static string? Read(BoardRoot root) => BoardTool.Find(root, "nvpmodel")?.Run("-q") is { } text ? Parse(text) : null;

    /// <summary>The mode in what it printed: <c>NV Power Mode: 15W</c>.</summary>
    public static string? Parse(string text) => text.Split('\n')
        .Select(l => l.Split("NV Power Mode:", 2)).Where(p => p.Length == 2).Select(p => p[1].Trim()).FirstOrDefault(m => m.Length is > 0 and <= 40);
}
