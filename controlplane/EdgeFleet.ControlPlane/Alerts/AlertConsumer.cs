using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>Groups what devices raise and clear into alerts. Runs inside the transaction that stores the event, so each counts once.</summary>
internal sealed class AlertConsumer : IEventHandler
{
    private const int BoxesMax = 20;

    public bool Takes(string eventType) => eventType == EventType.Alert;

    public async Task ApplyAsync(FleetContext db, DeviceId device, DeviceEvent happened, CancellationToken cancel)
    {
        if (happened.Alert is not { } change)
            return;

        var alert = await OpenAsync(db, device, happened.Slot, change.Rule, cancel);
        if (alert is null && !change.Raised)
            return; // It was finished by a person before the device saw it end.

        alert ??= db.Add(New(device, happened, change)).Entity;
        Fold(alert, happened.At, change);
        alert.Revision = await AlertRevision.NextAsync(db, cancel);
    }

    // One batch may raise the same rule twice, and the first is not saved yet.
    private static async Task<Alert?> OpenAsync(FleetContext db, DeviceId device, SlotName slot, string rule, CancellationToken cancel) =>
        db.Set<Alert>().Local.FirstOrDefault(a => a.Device == device && a.Slot == slot && a.Rule == rule && a.State != AlertState.Resolved)
        ?? await db.Set<Alert>().FirstOrDefaultAsync(a => a.Device == device && a.Slot == slot && a.Rule == rule && a.State != AlertState.Resolved, cancel);

    // What a device says is kept within bounds: who draws these need not check them again.
    private static string? BoxesOf(AlertChange change)
    {
        List<AlertBox> boxes = [.. (change.Boxes ?? []).Where(b => new[] { b.Left, b.Top, b.Right, b.Bottom, b.Score }.All(v => v is >= 0 and <= 1)).Take(BoxesMax)];
        return boxes.Count == 0 ? null : JsonSerializer.Serialize(boxes, WireJson.Default.IReadOnlyListAlertBox);
    }

    private static Alert New(DeviceId device, DeviceEvent happened, AlertChange change) => new()
    {
        Device = device,
        Slot = happened.Slot,
        Rule = change.Rule,
        Label = change.Label,
        Severity = change.Severity,
        Model = change.Model,
        First = happened.At,
        Last = happened.At,
    };

    private static void Fold(Alert alert, long at, AlertChange change)
    {
        alert.Raised = change.Raised;
        alert.Last = Math.Max(alert.Last, at);
        if (!change.Raised)
            return;

        alert.Times++;
        alert.First = Math.Min(alert.First, at);
        alert.Label = change.Label;
        alert.Severity = change.Severity;
        alert.Seen = change.Seen;
        alert.Of = change.Of;
        alert.Confidence = change.Confidence;
        alert.Model = change.Model;
        alert.Score = change.Score;
        if (change.Photo is not null)
            (alert.Photo, alert.BoxesJson) = (change.Photo, BoxesOf(change));
        alert.Readings = change.Readings?.ToList() ?? alert.Readings;
    }
}
