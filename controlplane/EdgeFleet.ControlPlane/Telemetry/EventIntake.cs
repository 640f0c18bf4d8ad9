using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Stores events that are new and hands each of them, once, to the handlers that take its type.</summary>
internal sealed class EventIntake(IEnumerable<IEventHandler> handlers, TelemetryMeter meter, TimeProvider time)
{
    private readonly IReadOnlyList<IEventHandler> _handlers = [.. handlers];

    /// <summary>Adds what is new to the context and saves; the caller commits.</summary>
    public async Task ApplyAsync(FleetContext db, EventRecords batch, CancellationToken cancel)
    {
        var (device, epoch, last) = (batch.Key.Device, batch.Key.Epoch, batch.First + batch.Count - 1);
        var stored = await db.Set<EventRow>().Where(e => e.Device == device && e.Epoch == epoch && e.Seq >= batch.First && e.Seq <= last).Select(e => e.Seq).ToHashSetAsync(cancel);
        var received = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (happened, seq) in batch.Rows.Select((row, i) => (row, batch.First + i)).Where(r => !stored.Contains(r.Item2)))
        {
            db.Add(new EventRow
            {
                Device = device,
                Epoch = epoch,
                Seq = seq,
                At = happened.At,
                Slot = happened.Slot,
                Type = happened.Type,
                Body = JsonSerializer.Serialize(happened, WireJson.Default.DeviceEvent),
                Received = received,
            });
            foreach (var handler in _handlers.Where(h => h.Takes(happened.Type)))
                await handler.ApplyAsync(db, device, happened, cancel);
            await db.SaveChangesAsync(cancel);
        }

        meter.Committed(RecordStream.Event, batch.Count);
    }
}
