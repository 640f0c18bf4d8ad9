using System.Globalization;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Writes updates, drift and gaps of a device into its history.</summary>
internal sealed class DeviceEventHistory(TimeProvider time) : IEventHandler
{
    private const int TextMax = 500;

    public bool Takes(string eventType) => eventType is EventType.Update or EventType.Drift or EventType.Gap;

    public Task ApplyAsync(FleetContext db, DeviceId device, DeviceEvent happened, CancellationToken cancel)
    {
        var text = happened switch
        {
            { Update: { } update } => $"{happened.Slot}: {update.From} to {update.To}{(update.Package is { } p ? $", {p}" : "")}{(update.Reason is { } why ? $": {why}" : "")}",
            { Drift: { } drift } => TextOf(happened.Slot, drift),
            { Gap: { } gap } => $"{happened.Slot}: {gap.Missing} missing: {gap.Reason}",
            _ => happened.Type,
        };
        db.Add(new DeviceHistory
        {
            Device = device,
            At = time.GetUtcNow().ToUnixTimeMilliseconds(),
            What = happened.Type,
            Text = DatabaseText.Cut(text, TextMax),
        });
        return Task.CompletedTask;
    }

    private static string TextOf(SlotName slot, DriftChange drift)
    {
        var now = drift.Now;
        var causes = now.Causes.Count == 0 ? "" : $": {string.Join(", ", now.Causes)}";
        var features = now.Features.Count == 0
            ? ""
            : $" ({string.Join(", ", now.Features.Select(f => string.Create(CultureInfo.InvariantCulture, $"{f.Name} {(f.Up ? "up" : "down")} {f.Size / 100.0:0.0} spreads")))})";
        var seen = drift.Seen > 0 ? $", {drift.Seen} of {drift.Of} windows" : "";
        return $"{slot}: inputs and answers by {now.Segment} from {drift.From} to {now.State}{seen}{causes}{features}";
    }
}
