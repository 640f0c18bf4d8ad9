using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Says of a slot what is known of its energy. Where nothing measures there is a reason, and never a number.</summary>
internal static class SlotEnergy
{
    /// <summary>Judges from what the device says of its sensor and from its minute rows, oldest first.</summary>
    public static EnergySummary Of(string slot, ReportedPower? power, IReadOnlyList<MinuteRow> rows)
    {
        if (power is null)
            return new EnergySummary(slot, EnergySummary.Unavailable, "The device has not said whether it has a power sensor.", null);
        if (power.Sensor is null)
            return new EnergySummary(slot, EnergySummary.Unavailable, power.Unavailable ?? "The device names no power sensor.", null);

        return rows.LastOrDefault(r => r.EnergyUj is not null) is { } newest
            ? new EnergySummary(slot, EnergySummary.Measured, null, newest)
            : new EnergySummary(slot, EnergySummary.TooFew, $"The sensor is {power.Sensor}; of {rows.Count} minutes none had both inferences and enough readings.", null);
    }
}
