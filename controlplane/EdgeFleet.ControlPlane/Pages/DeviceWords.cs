using EdgeFleet.ControlPlane.Pages.Parts;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Pages;

/// <summary>The words of devices.</summary>
internal static class DeviceWords
{
    /// <summary>The states of some devices as a bar, each part a link to them.</summary>
    public static IReadOnlyList<BarPart> Bar(IReadOnlyList<DeviceSummary> devices) =>
        [.. Looks.DeviceStates.Select(s => new BarPart(Looks.Device(s).Word.ToLowerInvariant(), devices.Count(d => d.State == s), Looks.Device(s).Fill, $"/devices?state={Uri.EscapeDataString(s)}"))];

    /// <summary>For example "12 devices. 1 lost, 2 late."</summary>
    public static string Lead(IReadOnlyList<DeviceSummary> devices)
    {
        string[] worth = ["lost", "late", "rolled back"];
        var parts = worth.Select(s => (State: s, Count: devices.Count(d => d.State == s))).Where(p => p.Count > 0).Select(p => $"{p.Count} {p.State}").ToList();
        return $"{Words.Count(devices.Count, "device")}. {(parts.Count == 0 ? "All are well." : string.Join(", ", parts) + ".")}";
    }

    /// <summary>What shadowing found of the version that runs or comes; empty where there is nothing to say.</summary>
    public static string Shadow(SlotSummary slot) => slot.Shadow is { Length: > 0 } seen and not "skipped" ? $"Shadow: {seen}." : "";

    /// <summary>How a device stands, and what to do about it.</summary>
    public static string Sentence(DeviceSummary device, DateTimeOffset now)
    {
        var heard = device.LastHeard is { } at ? $"last heard {Words.Ago(at, now)}" : "never heard";
        var busy = device.Slots.FirstOrDefault(s => s.UpdateState is not ("Idle" or "Committed" or "Rejected" or "RolledBack"));
        var back = device.Slots.FirstOrDefault(s => s.UpdateState is "RolledBack" or "Inconsistent");
        return device.State switch
        {
            "ready" => $"Ready, {heard}.",
            "updating" when busy is { Held: { } held } => $"Updating: slot {busy.Slot} waits with {busy.Candidate ?? busy.Active}, {heard}. {held}",
            "updating" when busy is not null => $"Updating: slot {busy.Slot}, {Looks.Update(busy.UpdateState).Word.ToLowerInvariant()} of {busy.Candidate ?? busy.Active}, {heard}.",
            "sleeping" => $"Asleep as planned, {heard}.",
            "late" => $"Late: {heard}. It should have been heard by now. Check power and link.",
            "lost" => $"Lost: {heard}. Check power, link and SIM.",
            "rolled back" when back is not null => $"Rolled back: slot {back.Slot} runs {back.Active ?? "nothing"} again, {heard}.",
            "revoked" => $"Shut out, {heard}.",
            "retired" => $"Retired, {heard}.",
            "new" => "Enrolled, and not heard yet. Start the agent on the board: `sudo systemctl start edgefleet-agent`",
            _ => $"{Looks.Device(device.State).Word}, {heard}.",
        };
    }
}
