using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Rollouts.Evidence;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>A device of a rollout with what is known of it now.</summary>
/// <param name="Row">Its row.</param>
/// <param name="Slot">Its slot as it reported it last; null if it never did.</param>
/// <param name="IsOnline">It is connected and welcome.</param>
/// <param name="TakenOver">A newer rollout has told it, or is about to.</param>
internal sealed record DeviceNow(RolloutDevice Row, DeviceSlot? Slot, bool IsOnline, bool TakenOver);

/// <summary>A rollout with its devices at one moment.</summary>
internal sealed record RolloutNow(Rollout Rollout, RolloutPlan Plan, IReadOnlyList<DeviceNow> Devices, long Now)
{
    /// <summary>What the decider is given.</summary>
    public RolloutFacts Facts() => new()
    {
        Rollout = Rollout.Id,
        Package = $"{Rollout.Model} {Rollout.Version}",
        Waves = Plan.Waves.Count,
        Told = [.. Devices.Where(d => d.Row.Wave <= Rollout.Wave).GroupBy(d => d.Row.Wave).OrderBy(g => g.Key).Select(g => Wave(g.Key, [.. g]))],
        Now = DateTimeOffset.FromUnixTimeMilliseconds(Now),
        Evidence = !Plan.Gate.Evidence || Rollout.Wave == 0 ? null : new EvidenceFacts
        {
            Told = Devices.Count(d => d.Row.Wave <= Rollout.Wave && d.Row.Progress is not (Progress.Rejected or Progress.RolledBack) && d.Row.PreviousDigest is { } previous && previous != Rollout.Digest),
            Candidates = Devices.Count(d => EvidenceCohorts.IsCandidate(d, this)),
            Controls = Devices.Count(d => EvidenceCohorts.IsControl(d, this)),
            Look = RolloutJson.LookOf(Rollout),
        },
    };

    /// <summary>What the decider of the way back is given.</summary>
    public ReturnFacts ReturnFacts() => new()
    {
        HaltedWhy = Rollout.HaltedWhy ?? Rollout.Why,
        Back = Devices.Count(d => d.Row.Return == Return.Returned),
        Asked = Devices.Count(d => d.Row.Return == Return.Asked),
        Offline = Devices.Count(d => d.Row.Return == Return.Asked && !d.IsOnline),
        Keeps = Devices.Count(d => d.Row.Return == Return.Keeps),
        TakenOver = Devices.Count(d => d.Row.Return == Return.TakenOver),
    };

    /// <summary>The class of a device of a wave that was started.</summary>
    public DeviceClass ClassOf(DeviceNow device) =>
        DeviceJudge.Classify(device.Row, device.IsOnline, Math.Max(device.Row.WaveStarted ?? Rollout.WaveStarted, device.Row.Told ?? 0), Plan.Gate, Now, device.Slot?.Held is not null);

    private WaveFacts Wave(int number, IReadOnlyList<DeviceNow> devices)
    {
        var classes = devices.Select(ClassOf).ToList();
        var counts = classes.CountBy(c => c).ToDictionary();
        var failed = devices.Zip(classes).Where(d => d.Second is DeviceClass.Deterministic or DeviceClass.Statistical).Select(d => d.First).MinBy(d => d.Row.Changed);
        var wave = new WaveFacts
        {
            Number = number,
            Started = DateTimeOffset.FromUnixTimeMilliseconds(devices.Min(d => d.Row.WaveStarted) ?? Rollout.WaveStarted),
            LastReport = devices.Max(d => d.Row.Changed) is { } last ? DateTimeOffset.FromUnixTimeMilliseconds(last) : null,
            Committed = Count(DeviceClass.Committed),
            Probation = Count(DeviceClass.Probation),
            UnderWay = Count(DeviceClass.UnderWay),
            Waiting = Count(DeviceClass.Waiting),
            Silent = Count(DeviceClass.Silent),
            Late = Count(DeviceClass.Late),
            Offline = Count(DeviceClass.Offline),
            Deterministic = Count(DeviceClass.Deterministic),
            Statistical = Count(DeviceClass.Statistical),
            Local = Count(DeviceClass.Local),
            FirstFailure = failed is null ? null : $"{failed.Row.Device}: {failed.Row.Reason}",
        };
        var needed = RolloutDecider.Needed(wave, Plan.Gate);
        return wave.Committed < needed ? wave : wave with { MetSince = DateTimeOffset.FromUnixTimeMilliseconds(MetSince(number, devices, needed)) };

        int Count(DeviceClass of) => counts.GetValueOrDefault(of);
    }

    // In the last wave devices that failed by themselves are asked again before the rollout ends; nobody would ask them later.
    private long MetSince(int number, IReadOnlyList<DeviceNow> devices, int needed)
    {
        var met = devices.Where(d => d.Row.Progress == Progress.Committed).Select(d => d.Row.Changed ?? Rollout.WaveStarted).Order().ElementAt(needed - 1);
        var asked = number < Plan.Waves.Count ? [] : devices.Where(d => d.Row.Failure == Shared.Messages.FailureKind.Local || d.Row.Retries > 0).Select(d => d.Row.Changed ?? 0).ToList();
        return asked.Append(met).Max();
    }
}

/// <summary>Reads rollouts with what their devices report. Observed progress is written into the rows; the caller saves it, or only looks.</summary>
internal static class RolloutReader
{
    /// <summary>Reads one rollout; null if there is none of this number.</summary>
    public static async Task<RolloutNow?> ReadAsync(FleetContext db, long id, TimeProvider time, CancellationToken cancel)
    {
        if (await db.Set<Rollout>().SingleOrDefaultAsync(r => r.Id == id, cancel) is not { } rollout)
            return null;

        var rows = await db.Set<RolloutDevice>().Where(d => d.RolloutId == id).OrderBy(d => d.Wave).ThenBy(d => d.Device).ToListAsync(cancel);
        var mine = db.Set<RolloutDevice>().Where(d => d.RolloutId == id).Select(d => d.Device);
        var slots = await db.Set<DeviceSlot>().AsNoTracking().Where(s => s.Slot == rollout.Slot && mine.Contains(s.Device)).ToDictionaryAsync(s => s.Device, cancel);
        var online = await db.Set<Device>().Where(d => mine.Contains(d.Id) && d.Presence == "ready" && d.Revoked == null).Select(d => d.Id).ToHashSetAsync(cancel);
        var newer = await db.Set<RolloutDevice>()
            .Where(d => d.RolloutId > id && d.Prepared != null && mine.Contains(d.Device)
                && db.Set<Rollout>().Any(r => r.Id == d.RolloutId && r.Slot == rollout.Slot))
            .Select(d => d.Device).ToHashSetAsync(cancel);

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var row in rows)
        {
            if (slots.TryGetValue(row.Device, out var slot))
                DeviceJudge.Observe(row, slot, rollout, now);
        }

        var devices = rows.ConvertAll(r => new DeviceNow(r, slots.GetValueOrDefault(r.Device), online.Contains(r.Device), newer.Contains(r.Device)));
        return new RolloutNow(rollout, RolloutJson.PlanOf(rollout), devices, now);
    }
}
