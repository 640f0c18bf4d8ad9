using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>
/// Tells the devices of a rollout what is wanted of them, and sets it back. Each way is the same three steps: note it in the rows and save, wish,
/// note that it was wished and save. Cut off anywhere, it is gone through again and ends the same.
/// </summary>
internal sealed class RolloutTeller(IDesiredStore desired, TimeProvider time)
{
    private const int BatchMax = 500;

    /// <summary>Tells the devices of the waves that were started and have not been told.</summary>
    public async Task TellAsync(FleetContext db, RolloutNow now, CancellationToken cancel)
    {
        var (rollout, untold) = (now.Rollout, now.Devices.Where(d => d.Row.Wave <= now.Rollout.Wave && d.Row.Told is null && !d.TakenOver).ToList());
        if (untold.Count == 0)
            return;

        var known = await KnownAsync(db, untold, cancel);
        foreach (var (row, slot, _, _) in untold.Where(d => d.Row.Prepared is null))
        {
            row.Prepared = now.Now;
            if (slot?.ActiveDigest is { } serves && known.ContainsKey(serves))
                (row.PreviousDigest, row.PreviousAttempt) = (serves, Math.Max(1, slot.Attempt));
        }

        // Saved with the rollout's row: a worker that does not know of a halt in between fails here, before it wishes anything.
        db.Entry(rollout).State = EntityState.Modified;
        await db.SaveChangesAsync(cancel);
        foreach (var batch in untold.Chunk(BatchMax))
        {
            await desired.WishAsync([.. batch.Select(d => (d.Row.Device, Wish(rollout, rollout.Package, d.Row.Attempt) with { Shadow = now.Plan.Shadow }))], cancel);
            foreach (var device in batch)
                device.Row.Told = time.GetUtcNow().ToUnixTimeMilliseconds();
            db.Entry(rollout).State = EntityState.Modified;
            await db.SaveChangesAsync(cancel);
        }
    }

    /// <summary>Sets what is wanted of every device that was told, or was about to be, back to what it ran before.</summary>
    public async Task SetBackAsync(FleetContext db, RolloutNow now, CancellationToken cancel)
    {
        var touched = now.Devices.Where(d => d.Row.Prepared is not null).ToList();
        var known = await KnownAsync(db, touched, cancel);
        foreach (var batch in touched.Where(d => d.Row.Return == Return.None).Chunk(BatchMax))
        {
            await WishBackAsync(now.Rollout, batch, known, cancel);
            foreach (var device in batch)
                device.Row.Return = First(device);
            await db.SaveChangesAsync(cancel);
        }

        foreach (var device in touched.Where(d => d.Row.Return == Return.Asked))
            device.Row.Return = device.TakenOver ? Return.TakenOver : DeviceJudge.IsBack(device.Row, device.Slot, now.Rollout) ? Return.Returned : Return.Asked;
    }

    /// <summary>Wishes once more what <see cref="SetBackAsync"/> wished, for a worker that may have told devices while another one halted.</summary>
    public async Task AssureAsync(FleetContext db, RolloutNow now, CancellationToken cancel)
    {
        var touched = now.Devices.Where(d => d.Row.Prepared is not null).ToList();
        await WishBackAsync(now.Rollout, touched, await KnownAsync(db, touched, cancel), cancel);
    }

    private async Task WishBackAsync(Rollout rollout, IReadOnlyList<DeviceNow> devices, IReadOnlyDictionary<Sha256Digest, PackageRef> known, CancellationToken cancel)
    {
        var back = devices.Where(d => d.Row.PreviousDigest is not null).Select(d => (d.Row.Device, Wish(rollout, known[d.Row.PreviousDigest!.Value], d.Row.PreviousAttempt))).ToList();
        if (back.Count > 0)
            await desired.WishAsync(back, cancel);
        var alone = devices.Where(d => d.Row.PreviousDigest is null).Select(d => (d.Row.Device, rollout.Slot)).ToList();
        if (alone.Count > 0)
            await desired.WithdrawAsync(alone, rollout.Id, cancel);
    }

    private static Return First(DeviceNow device) =>
        device.TakenOver ? Return.TakenOver
        : !DeviceJudge.HasIt(device.Row) ? Return.SetBack
        : device.Row.PreviousDigest is null ? Return.Keeps
        : Return.Asked;

    private static DesiredSlot Wish(Rollout rollout, PackageRef package, int attempt) =>
        new() { Slot = rollout.Slot, Package = package, Attempt = attempt, Rollout = rollout.Id };

    private static async Task<IReadOnlyDictionary<Sha256Digest, PackageRef>> KnownAsync(FleetContext db, IReadOnlyList<DeviceNow> devices, CancellationToken cancel)
    {
        var digests = devices.SelectMany(d => new[] { d.Slot?.ActiveDigest, d.Row.PreviousDigest }).OfType<Sha256Digest>().Distinct().ToList();
        return await db.Set<PublishedPackage>().AsNoTracking().Where(p => digests.Contains(p.Digest)).ToDictionaryAsync(p => p.Digest, p => p.Ref, cancel);
    }
}
