using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Writes updates and gaps of a device into its history.</summary>
internal sealed class DeviceEventHistory(TimeProvider time) : IEventHandler
{
    private const int TextMax = 500;

    public bool Takes(string eventType) => eventType is EventType.Update or EventType.Gap;

    public Task ApplyAsync(FleetContext db, DeviceId device, DeviceEvent happened, CancellationToken cancel)
    {
        var text = happened switch
        {
            { Update: { } update } => $"{happened.Slot}: {update.From} to {update.To}{(update.Package is { } p ? $", {p}" : "")}{(update.Reason is { } why ? $": {why}" : "")}",
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
}
