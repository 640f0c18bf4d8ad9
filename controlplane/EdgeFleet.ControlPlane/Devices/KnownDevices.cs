using System.Collections.Concurrent;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Who is enrolled and not shut out, kept in memory so that a message costs no query.</summary>
internal sealed class KnownDevices(IDbContextFactory<FleetContext> contexts, TimeProvider time)
{
    private static readonly TimeSpan TrustedFor = TimeSpan.FromMinutes(10);
    private readonly ConcurrentDictionary<DeviceId, KnownDevice> _known = [];

    /// <summary>The device, or null if it is not enrolled or is shut out.</summary>
    public async ValueTask<KnownDevice?> FindAsync(DeviceId device, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (_known.TryGetValue(device, out var known) && now - known.Checked < TrustedFor)
            return known;

        await using var db = await contexts.CreateDbContextAsync(cancel);
        var row = await db.Set<Device>().AsNoTracking().Where(d => d.Id == device && d.Revoked == null).Select(d => new { d.Epoch }).SingleOrDefaultAsync(cancel);
        if (row is null)
        {
            _known.TryRemove(device, out _);
            return null;
        }

        known = _known.GetOrAdd(device, id => new KnownDevice(id) { Epoch = row.Epoch });
        known.Checked = now;
        return known;
    }

    /// <summary>Looks a device up anew at its next message; to be called when it is shut out or removed.</summary>
    public void Forget(DeviceId device) => _known.TryRemove(device, out _);

    /// <summary>The devices heard of since this was asked last, with the time in Unix ms.</summary>
    public IReadOnlyList<(DeviceId Device, long At)> TakeHeard() =>
        [.. _known.Values.Select(k => (k.Id, At: k.TakeHeard())).Where(h => h.At > 0)];
}

/// <summary>What is remembered of an enrolled device between messages.</summary>
internal sealed class KnownDevice(DeviceId id)
{
    /// <summary>Epochs taken although no hello named them: a hello may be lost on the way. A device that makes up more is refused.</summary>
    public const int UnnamedEpochsMax = 4;

    private readonly HashSet<string> _unnamed = [];
    private long _heard;
    private long _heardTaken;

    /// <summary>Device.</summary>
    public DeviceId Id { get; } = id;

    /// <summary>Epoch that the newest hello named; null before the first.</summary>
    public string? Epoch { get; set; }

    /// <summary>When it was last looked up.</summary>
    public DateTimeOffset Checked { get; set; }

    /// <summary>When it was heard last, Unix ms.</summary>
    public long LastHeard
    {
        get => Interlocked.Read(ref _heard);
        set => Interlocked.Exchange(ref _heard, value);
    }

    /// <summary>True when records of this epoch are taken.</summary>
    public bool Accepts(string epoch)
    {
        if (epoch == Epoch)
            return true;
        lock (_unnamed)
            return _unnamed.Contains(epoch) || (_unnamed.Count < UnnamedEpochsMax && _unnamed.Add(epoch));
    }

    /// <summary>When it was heard last, or 0 if not since this was asked last.</summary>
    public long TakeHeard()
    {
        var heard = LastHeard;
        return Interlocked.Exchange(ref _heardTaken, heard) == heard ? 0 : heard;
    }
}
