namespace EdgeFleet.Agent.Power;

/// <summary>The battery that feeds the board.</summary>
/// <param name="Percent">Charge.</param>
/// <param name="Status"><c>Charging</c>, <c>Discharging</c>, <c>Full</c>, <c>Not charging</c> or <c>Unknown</c>, as the kernel says.</param>
/// <param name="Watts">Power that goes in or out; null where it is not measured.</param>
internal sealed record Battery(int Percent, string Status, double? Watts)
{
    /// <summary>True while the board lives on it.</summary>
    public bool IsDischarging => Status == "Discharging";

    /// <summary>Reads the first battery of the board; null when there is none. Those of mice and the like have the scope <c>Device</c> and do not count.</summary>
    public static Battery? Read(BoardRoot root) => BoardRoot.Folders(root["sys/class/power_supply"])
        .Where(s => BoardRoot.Text(Path.Combine(s, "type")) == "Battery" && BoardRoot.Text(Path.Combine(s, "scope")) != "Device")
        .Select(Of).FirstOrDefault(b => b is not null);

    private static Battery? Of(string supply)
    {
        long? Number(string name) => BoardRoot.Number(Path.Combine(supply, name));
        var percent = Number("capacity") ?? (Number("energy_now") is { } now && Number("energy_full") is > 0 and { } full ? now * 100 / full : null);
        if (percent is not (>= 0 and <= 100))
            return null;

        double? watts = Number("power_now") is { } microwatts
            ? Math.Abs(microwatts) / 1e6
            : Number("voltage_now") is { } microvolts && Number("current_now") is { } microamperes ? Math.Abs(microvolts / 1e6 * (microamperes / 1e6)) : null;
        return new Battery((int)percent, BoardRoot.Text(Path.Combine(supply, "status")) ?? "Unknown", watts);
    }
}
