namespace EdgeFleet.Agent.Power;

/// <summary>
/// Chips that measure power behind the kernel's generic hwmon files (Documentation/hwmon/sysfs-interface): <c>power*_input</c> or <c>_average</c> in µW,
/// <c>energy*_input</c> in µJ, or <c>in*_input</c> in mV with <c>curr*_input</c> in mA. What such a chip measures depends on where it is soldered, so only chips
/// that sit on a supply are taken by themselves; any other must be named in the configuration.
/// </summary>
internal static class HwmonPower
{
    private const double MicroPerUnit = 1e6;
    private static readonly string[] SupplyChips =
        ["ina209", "ina219", "ina220", "ina226", "ina228", "ina230", "ina231", "ina232", "ina233", "ina237", "ina238", "ina260", "isl28022", "ltc2945", "ltc2947", "power_meter"];

    /// <summary>A meter of the one supply chip, or of the chip of the given name; null when there is none, a reason when there are several.</summary>
    public static MeterFound? Find(BoardRoot root, string? name)
    {
        var chips = BoardRoot.Folders(root["sys/class/hwmon"], "hwmon*")
            .Select(h => (Folder: h, Name: BoardRoot.Text(Path.Combine(h, "name")) ?? ""))
            .Where(c => name is null ? SupplyChips.Contains(c.Name) : c.Name == name)
            .Select(c => (c.Name, Meter: MeterOf(c.Folder, c.Name)))
            .Where(c => c.Meter is not null).ToList();
        if (chips.Count < 2)
            return chips.Count == 0 ? null : MeterFound.Of(chips[0].Meter!);

        chips.ForEach(c => c.Meter!.Dispose());
        return MeterFound.None($"Several chips measure power ({string.Join(", ", chips.Select(c => c.Name))}), and which of them feeds the board is not known. Name one in Power:Sensor.");
    }

    private static IPowerMeter? MeterOf(string folder, string chip)
    {
        if (BoardRoot.Files(folder, "energy*_input") is [var energy, ..])
            return new CounterMeter($"{chip} {Label(energy) ?? "energy"}", [new EnergyCounter(energy, 0)], 1 / MicroPerUnit);

        var rails = BoardRoot.Files(folder, "power*_input").Concat(BoardRoot.Files(folder, "power*_average"))
            .DistinctBy(NumberedPart)
            .Select(f => Rail.OfPower(Label(f) ?? NumberedPart(f), f, 1 / MicroPerUnit, StepOf(folder)))
            .ToList();
        if (rails.Count == 0)
            rails = [.. BoardRoot.Files(folder, "curr*_input").Select(c => (Current: c, Volts: Path.Combine(folder, NumberedPart(c).Replace("curr", "in", StringComparison.Ordinal) + "_input")))
                .Where(c => File.Exists(c.Volts))
                .Select(c => Rail.OfVoltsAndAmperes(Label(c.Current) ?? NumberedPart(c.Current), c.Volts, c.Current, 0.001))];
        return rails.Count == 0 ? null : RailMeter.OfTotal(chip, rails);
    }

    // ina2xx: the power register counts in steps of 25 (ina219: 20) times the current's; without its setting 10 mW is their usual step at 0.1 ohm.
    private static double StepOf(string folder) => BoardRoot.Number(Path.Combine(folder, "shunt_resistor")) is > 0 and { } microohms ? 1000.0 / microohms : 0.01;

    private static string? Label(string file) => BoardRoot.Text(Path.Combine(Path.GetDirectoryName(file)!, NumberedPart(file) + "_label"));

    private static string NumberedPart(string file) => Path.GetFileName(file).Split('_')[0];
}
