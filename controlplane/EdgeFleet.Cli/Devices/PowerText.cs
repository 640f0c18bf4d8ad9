using System.Globalization;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Cli.Devices;

/// <summary>Power and heat of a device in lines.</summary>
internal static class PowerText
{
    /// <summary>Energy of each slot, then how the board stands. Without a sensor: unavailable, and why.</summary>
    public static IEnumerable<string> Lines(DeviceDetail device)
    {
        foreach (var energy in device.Energy)
            yield return $"Energy per inference of {energy.Slot}: {Of(energy, device.Power)}";
        if (device.Power is not { } power)
            yield break;

        string?[] parts =
        [
            power.Mode is { } mode ? $"mode {mode}" : null,
            power.Celsius is { } celsius ? Invariant($"{celsius} °C at {power.Hottest}") : "temperature unavailable",
            Throttling(power),
            power.BatteryPercent is { } percent ? Invariant($"battery {percent} % {power.BatteryStatus}") : null,
            power.RateFactor is { } factor ? Invariant($"samples at {factor:0.##} times their rate") : null,
        ];
        yield return $"Board: {string.Join("; ", parts.OfType<string>())}.{(power.UpdatesWait is { } why ? $" Updates wait: {why}" : "")}";
    }

    private static string Throttling(ReportedPower power) => power switch
    {
        { Throttled: { Count: > 0 } now } => $"throttled now: {string.Join(", ", now)}",
        { ThrottledBefore: { Count: > 0 } before } => $"throttled before: {string.Join(", ", before)}",
        { Throttled: null } => "throttling unavailable",
        _ => "not throttled",
    };

    private static string Of(EnergySummary energy, ReportedPower? power)
    {
        if (energy.Newest is not { EnergyUj: { } gross } row)
            return $"{energy.State}. {energy.Why}";

        var net = row.EnergyNetUj is { } uj ? Invariant($"{uj / 1e3:0.###} mJ net of idle") : "net of idle not known yet";
        var sigma = row.EnergySigmaUj is { } s ? Invariant($" +- {s / 1e3:0.###} mJ") : "";
        var estimate = row.EnergyShare is null && power?.Method != ReportedPower.Modelled ? "" : " (an estimate)";
        return Invariant($"{gross / 1e3:0.###} mJ gross, {net}{sigma}, by {power?.Sensor}{estimate}; {row.Answered} inferences in {row.Seconds} s.");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
