namespace EdgeFleet.Agent.Power;

/// <summary>
/// The INA3221 chips of Jetson modules, found by name and never by number: as <c>hwmon</c> from JetPack 5 on (kernel Documentation/hwmon/ina3221.rst), as
/// <c>iio:device</c> with <c>rail_name_N</c> before. The carrier board is not measured.
/// </summary>
internal static class Ina3221
{
    private const double ShuntLsbVolts = 40e-6;
    private const double ShuntOhmsUsual = 0.005;
    private const double RailVoltsUsual = 5;
    private const string Name = "ina3221";

    /// <summary>A meter of the board's total; null when there is no such chip or none of its channels is in use.</summary>
    public static IPowerMeter? Find(BoardRoot root)
    {
        var rails = Chips(root).SelectMany(Rails).ToList();
        return rails.Count == 0 ? null : RailMeter.OfTotal(Name, rails);
    }

    /// <summary>True while a rail's current is over its critical limit: the module then throttles itself. Null where no chip tells.</summary>
    public static bool? IsOverCurrent(BoardRoot root)
    {
        var alarms = Chips(root).SelectMany(c => BoardRoot.Folders(Path.Combine(c, "hwmon"), "hwmon*"))
            .SelectMany(h => Enumerable.Range(1, 3).Select(n => BoardRoot.Number(Path.Combine(h, $"curr{n}_crit_alarm"))))
            .Where(alarm => alarm is not null)
            .ToList();
        return alarms.Count == 0 ? null : alarms.Contains(1);
    }

    private static IEnumerable<string> Chips(BoardRoot root) =>
        BoardRoot.Folders(root["sys/bus/i2c/devices"]).Where(d => BoardRoot.Text(Path.Combine(d, "name"))?.Contains(Name, StringComparison.Ordinal) == true);

    private static IEnumerable<Rail> Rails(string chip) =>
        BoardRoot.Folders(Path.Combine(chip, "hwmon"), "hwmon*").SelectMany(HwmonRails).Concat(BoardRoot.Folders(chip, "iio:device*").SelectMany(IioRails));

    private static IEnumerable<Rail> HwmonRails(string hwmon) =>
        from n in Enumerable.Range(1, 3)
        let label = BoardRoot.Text(Path.Combine(hwmon, $"in{n}_label"))
        where IsConnected(label)
        let ohms = BoardRoot.Number(Path.Combine(hwmon, $"shunt{n}_resistor")) is > 0 and { } microohms ? microohms / 1e6 : ShuntOhmsUsual
        let volts = BoardRoot.Number(Path.Combine(hwmon, $"in{n}_input")) is > 0 and { } millivolts ? millivolts / 1e3 : RailVoltsUsual
        select Rail.OfVoltsAndAmperes(label!, Path.Combine(hwmon, $"in{n}_input"), Path.Combine(hwmon, $"curr{n}_input"), ShuntLsbVolts / ohms * volts);

    private static IEnumerable<Rail> IioRails(string device) =>
        from n in Enumerable.Range(0, 3)
        let label = BoardRoot.Text(Path.Combine(device, $"rail_name_{n}"))
        where IsConnected(label)
        select Rail.OfPower(label!, Path.Combine(device, $"in_power{n}_input"), 1e-3, ShuntLsbVolts / ShuntOhmsUsual * RailVoltsUsual);

    // "NC": a channel that leads nowhere.
    private static bool IsConnected(string? label) => label is not null && !label.Contains("NC", StringComparison.Ordinal);
}
