namespace EdgeFleet.Agent.Power;

/// <summary>Searches a board for its sensor of power. What measures most of the board comes first; without one there is a reason, and never a guess.</summary>
internal static class MeterFinder
{
    /// <summary>Searches.</summary>
    /// <param name="root">The board.</param>
    /// <param name="sensor"><c>auto</c>, <c>none</c>, <c>ina3221</c>, <c>pmic</c>, <c>rapl</c>, <c>psys</c>, or the name of a hwmon chip.</param>
    public static MeterFound Find(BoardRoot root, string sensor) => sensor switch
    {
        "none" => MeterFound.None("Measuring power is switched off on this board (Power:Sensor)."),
        "auto" => Any(root),
        "ina3221" => Ina3221.Find(root) is { } meter ? MeterFound.Of(meter) : NotThere(sensor),
        "pmic" => Pmic(root) ?? NotThere(sensor),
        "rapl" or "psys" => Rapl.Find(root, wholePlatform: sensor == "psys") ?? NotThere(sensor),
        _ => HwmonPower.Find(root, sensor) ?? NotThere(sensor),
    };

    private static MeterFound Any(BoardRoot root)
    {
        if (Ina3221.Find(root) is { } jetson)
            return MeterFound.Of(jetson);
        if (HwmonPower.Find(root, null) is { } chip)
            return chip;
        if (Pmic(root) is { } pi)
            return pi;
        return Rapl.Find(root) ?? MeterFound.None("This device has no power sensor.");
    }

    private static MeterFound? Pmic(BoardRoot root)
    {
        var compatible = ModuleId.Compatible(root);
        if (!compatible.Any(c => c.StartsWith("raspberrypi,", StringComparison.Ordinal)))
            return null;
        if (!compatible.Any(c => c.StartsWith("raspberrypi,5", StringComparison.Ordinal)))
            return MeterFound.None("This device has no power sensor: a Raspberry Pi before the 5 measures no current.");

        if (BoardTool.Find(root, "vcgencmd") is not { } vcgencmd)
            return MeterFound.None("The power chip of this Raspberry Pi is read by vcgencmd, which is not installed (package raspi-utils).");
        var meter = new PiPmic(vcgencmd);
        return meter.TryRead(out _)
            ? MeterFound.Of(meter)
            : MeterFound.None($"{meter.Fault} Put the agent's user into the group video.");
    }

    private static MeterFound NotThere(string sensor) => MeterFound.None($"Power:Sensor names '{sensor}', which this device does not have.");
}
