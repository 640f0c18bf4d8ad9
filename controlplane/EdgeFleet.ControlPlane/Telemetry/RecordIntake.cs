using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>
/// Takes groups of batches in: rows first, then the cursors, then the acknowledgements. Whatever fails in between is not acknowledged, and the
/// devices send it again.
/// </summary>
internal sealed class RecordIntake(IDbContextFactory<FleetContext> contexts, ITelemetryStore rows, EventIntake events, CursorStore cursors, AckCoalescer acks)
{
    /// <summary>Takes telemetry in, with one commit for the rows and one for the cursors.</summary>
    public async Task TakeTelemetryAsync(IReadOnlyList<RecordBatch> batches, CancellationToken cancel)
    {
        await rows.AddAsync(batches, cancel);
        await AdvanceAsync(batches, cancel);
    }

    /// <summary>Takes one batch of events in, with what their handlers make of them, in one commit.</summary>
    public async Task TakeEventsAsync(EventRecords batch, CancellationToken cancel)
    {
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            await events.ApplyAsync(db, batch, cancel);
            var ledger = await StepAsync(db, batch.Key, [batch], cancel);
            await transaction.CommitAsync(cancel);
            Acknowledge(batch.Key, ledger);
        }
        catch
        {
            cursors.Forget([batch.Key]);
            throw;
        }
    }

    private async Task AdvanceAsync(IReadOnlyList<RecordBatch> batches, CancellationToken cancel)
    {
        var streams = batches.GroupBy(b => b.Key).ToList();
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            await using var transaction = await db.Database.BeginTransactionAsync(cancel);
            var moved = new List<(StreamKey Key, StreamLedger Ledger)>();
            foreach (var stream in streams)
                moved.Add((stream.Key, await StepAsync(db, stream.Key, stream, cancel)));
            await transaction.CommitAsync(cancel);
            moved.ForEach(m => Acknowledge(m.Key, m.Ledger));
        }
        catch
        {
            cursors.Forget(streams.Select(s => s.Key));
            throw;
        }
    }

    private async Task<StreamLedger> StepAsync(FleetContext db, StreamKey key, IEnumerable<RecordBatch> batches, CancellationToken cancel)
    {
        var before = await cursors.LoadAsync(db, key, cancel);
        var after = batches.Aggregate(before, (ledger, batch) => ledger.Take(batch.Low, batch.First, batch.Count));
        return await cursors.SaveAsync(db, key, after, cancel) ? after : throw new CursorMovedException(key);
    }

    private void Acknowledge(StreamKey key, StreamLedger ledger)
    {
        cursors.Keep(key, ledger);
        acks.Add(key, ledger.Acknowledged);
    }
}

/// <summary>Another process moved the cursor of a stream in the same moment; the batch is to be taken again.</summary>
internal sealed class CursorMovedException(StreamKey key) : Exception($"The cursor of {key.Device}, {key.Stream} was moved by another process.");
