using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>One thing that needs a person: icon, sentence, and one button.</summary>
internal sealed record Need(string Icon, string Colour, string Word, string Sentence, string Action, string Link)
{
    private const int AlertsEachMax = 5;

    /// <summary>All there is, the worst first.</summary>
    public static IReadOnlyList<Need> Of(IReadOnlyList<DeviceSummary> devices, IReadOnlyList<RolloutSummary> rollouts, IReadOnlyList<AlertSummary> open) =>
        [.. OfRollouts(rollouts), .. OfUrgentAlerts(open), .. OfLostDevices(devices), .. OfBrokenSlots(devices), .. OfOtherAlerts(open), .. OfWarnings(devices), .. OfDrift(devices)];

    // A rollout that ended badly stays until a newer one goes to the same slot.
    private static IEnumerable<Need> OfRollouts(IReadOnlyList<RolloutSummary> rollouts) =>
        from newest in rollouts.GroupBy(r => r.Slot).Select(g => g.MaxBy(r => r.Id)!)
        where newest.State is "holding" or "halted" or "rolling-back" or "rolled-back"
        orderby newest.State == "holding", newest.Id descending
        let look = Looks.Rollout(newest.State)
        select new Need(look.Icon, look.Colour, look.Word, $"Rollout {newest.Id}, {newest.Model} {newest.Version}: {newest.Why}", "Look", $"/rollouts/{newest.Id}");

    private static IEnumerable<Need> OfUrgentAlerts(IReadOnlyList<AlertSummary> open)
    {
        var urgent = open.Where(a => a.Severity == "critical").ToList();
        foreach (var alert in urgent.Take(AlertsEachMax))
            yield return new Need("critical", "critical", "Urgent", $"{Words.Finding(alert.Label)}, {alert.Site} {alert.Device}.", "Look", $"/alerts#alert-{alert.Id}");
        if (urgent.Count > AlertsEachMax)
            yield return new Need("critical", "critical", "Urgent", $"And {urgent.Count - AlertsEachMax} more urgent alerts.", "Look", "/alerts");
    }

    private static IEnumerable<Need> OfLostDevices(IReadOnlyList<DeviceSummary> devices) =>
        from place in devices.GroupBy(d => d.Site)
        let lost = place.Where(d => d.State == "lost").ToList()
        where lost.Count > 0
        let since = lost.Max(d => d.LastHeard)
        select new Need(
            "critical", "critical", "Lost",
            lost.Count == 1
                ? $"{lost[0].Id}{(place.Key.Length == 0 ? "" : $" in {place.Key}")} is lost, last heard {(since is { } one ? Words.Moment(one) : "never")}. Check power, link and SIM."
                : $"{(place.Key.Length == 0 ? "No place given" : place.Key)}: {lost.Count} of {place.Count()} lost, last heard {(since is { } last ? Words.Moment(last) : "never")}. Check power and link there.",
            "Look", "/devices?state=lost");

    private static IEnumerable<Need> OfBrokenSlots(IReadOnlyList<DeviceSummary> devices) =>
        from device in devices
        from slot in device.Slots
        where slot.UpdateState == "Inconsistent"
        select new Need("critical", "critical", "Inconsistent", $"{device.Id}, slot {slot.Slot}: no verified model could be activated. {slot.Reason}", "Look", $"/devices/{device.Id}");

    private static IEnumerable<Need> OfOtherAlerts(IReadOnlyList<AlertSummary> open)
    {
        var others = open.Count(a => a.Severity != "critical");
        if (others > 0)
            yield return new Need("warning", "warning", "Warning", others == 1 ? "1 alert waits to be seen." : $"{others} alerts wait to be seen.", "Look", "/alerts");
    }

    private static IEnumerable<Need> OfWarnings(IReadOnlyList<DeviceSummary> devices) =>
        from device in devices
        where device.Warnings > 0
        orderby device.Warnings descending
        select new Need("warning", "warning", "Warning", $"{device.Id} reports {Words.Count(device.Warnings, "warning")}.", "Look", $"/devices/{device.Id}");

    private static IEnumerable<Need> OfDrift(IReadOnlyList<DeviceSummary> devices) =>
        from device in devices
        from slot in device.Slots
        where slot.Drift is { State: DriftState.Drifting }
        select new Need("warning", "warning", "Changed", $"{device.Id}, slot {slot.Slot}: {DriftWords.Short(slot.Drift!)}", "Look", $"/devices/{device.Id}#drift");
}
