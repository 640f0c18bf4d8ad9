using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>Whose records: the key of a record without its number.</summary>
internal readonly record struct StreamKey(DeviceId Device, string Epoch, string Stream);

/// <summary>Reads and writes cursors. Ledgers of streams at work are kept in memory; another process that moved one is noticed by its version.</summary>
internal sealed class CursorStore(TimeProvider time)
{
    private const int KeptMax = 100_000;
    private readonly Dictionary<StreamKey, StreamLedger> _kept = [];

    /// <summary>The ledger of a stream as it was saved last.</summary>
    public async Task<StreamLedger> LoadAsync(FleetContext db, StreamKey key, CancellationToken cancel)
    {
        lock (_kept)
        {
            if (_kept.TryGetValue(key, out var known))
                return known;
        }

        var row = await db.Set<StreamCursor>().AsNoTracking()
            .SingleOrDefaultAsync(c => c.Device == key.Device && c.Epoch == key.Epoch && c.Stream == key.Stream, cancel);
        return row?.ToLedger() ?? StreamLedger.Empty;
    }

    /// <summary>Writes a ledger over the version it was read with.</summary>
    /// <returns>False when another process wrote it since: read it again.</returns>
    public async Task<bool> SaveAsync(FleetContext db, StreamKey key, StreamLedger ledger, CancellationToken cancel)
    {
        var (device, pending, stepped) = (key.Device.Value, ledger.Pending.Format(), ledger.SteppedRanges.Format());
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "StreamCursors" ("Device", "Epoch", "Stream", "Acknowledged", "Stored", "Stepped", "Pending", "SteppedRanges", "At", "RowVersion")
            VALUES ({device}, {key.Epoch}, {key.Stream}, {ledger.Acknowledged}, {ledger.Stored}, {ledger.Stepped}, {pending}, {stepped}, {now}, {ledger.Version + 1})
            ON CONFLICT ("Device", "Epoch", "Stream") DO UPDATE SET
              "Acknowledged" = excluded."Acknowledged", "Stored" = excluded."Stored", "Stepped" = excluded."Stepped", "Pending" = excluded."Pending",
              "SteppedRanges" = excluded."SteppedRanges", "At" = excluded."At", "RowVersion" = excluded."RowVersion"
            WHERE "StreamCursors"."RowVersion" = {ledger.Version}
            """, cancel) == 1;
    }

    /// <summary>Remembers a ledger whose save is committed.</summary>
    public void Keep(StreamKey key, StreamLedger saved)
    {
        lock (_kept)
        {
            if (_kept.Count >= KeptMax)
                _kept.Clear();
            _kept[key] = saved with { Version = saved.Version + 1 };
        }
    }

    /// <summary>Forgets ledgers that may differ from the database.</summary>
    public void Forget(IEnumerable<StreamKey> keys)
    {
        lock (_kept)
        {
            foreach (var key in keys)
                _kept.Remove(key);
        }
    }
}
