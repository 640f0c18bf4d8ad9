using System.Text.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>What people do with rollouts. Each command is one write by compare-and-set; the runner does the rest at its next look.</summary>
internal sealed class RolloutCommands(IDbContextFactory<FleetContext> contexts, RolloutQueries queries, IAuditLog audit, TimeProvider time)
{
    private const int TriesMax = 5;

    /// <summary>Plans and starts a rollout. An open one for the same slot that shares a device with it is superseded.</summary>
    public async Task<RolloutEnding> StartAsync(RolloutRequest request, Person who, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var package = await db.Set<PublishedPackage>().AsNoTracking().SingleOrDefaultAsync(p => p.Name == request.Model && p.Version == request.Version, cancel);
        if (package is null)
            return new RolloutEnding.NotFound($"No package {request.Model} {request.Version} is published. `edgefleet model list` shows what there is.");
        if (package.State == PackageState.Withdrawn)
            return new RolloutEnding.Refused($"{request.Model} {request.Version} was withdrawn: {package.Reason}");
        if (package.State == PackageState.Unproven && !who.May(Policies.Admin))
            return new RolloutEnding.Forbidden($"{request.Model} {request.Version} is unproven, and only an admin may send it to lab devices: {package.Reason}");
        if (!SlotName.TryParse(request.Slot ?? request.Model, out var slot))
            return new RolloutEnding.Refused($"'{request.Slot ?? request.Model}' is not the name of a slot. Give one with --slot.");
        if (!DeviceSelector.TryParse(request.Selector, out var selector, out var fault))
            return new RolloutEnding.Refused(fault);

        var hit = (await db.Set<Device>().AsNoTracking().Include(d => d.Slots).Where(d => d.Revoked == null).ToListAsync(cancel))
            .Where(d => selector.Matches(new SelectorFacts(d.Id.Value, d.Site, d.Tags, d.Hardware, [.. d.Slots.Select(s => s.Slot.Value)])))
            .Select(d => new Candidate(d.Id, d.Slots.Exists(s => s.Slot == slot), d.Tags.Contains("lab"), d.Presence == "ready", d.Quarantined is null ? null : d.QuarantineReason ?? "no reason was given.")).ToList();
        var unproven = package.State == PackageState.Unproven ? package.Reason : null;
        return RolloutPlanner.Plan(request, slot, package.Digest, unproven, hit, PackageShapes.Shadow(package)) switch
        {
            PlanEnding.Planned p => await SaveAsync(db, request, slot, package, p.Plan, who, cancel),
            PlanEnding.Refused r => new RolloutEnding.Refused(r.Reason),
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no answer."),
        };
    }

    /// <summary>Tells nobody new until it is resumed.</summary>
    public Task<RolloutEnding> PauseAsync(long id, Person who, CancellationToken cancel) => ChangeAsync(id, who, "rollout.pause", now => now.Rollout.State switch
    {
        RolloutState.Planned or RolloutState.Running or RolloutState.Holding =>
            Entered(now, RolloutState.Paused, "Pause", RolloutSentences.Paused(who.Name, id, now.Rollout.Why), who),
        RolloutState.Paused => No($"Rollout {id} is paused already."),
        _ => No(Over(now.Rollout, "paused")),
    }, cancel);

    /// <summary>Goes on after a pause.</summary>
    public Task<RolloutEnding> ResumeAsync(long id, Person who, CancellationToken cancel) => ChangeAsync(id, who, "rollout.resume", now => now.Rollout.State switch
    {
        RolloutState.Paused => Entered(now, now.Rollout.Wave == 0 ? RolloutState.Planned : RolloutState.Running, "Resume", RolloutSentences.Resumed(who.Name), who),
        RolloutState.Planned or RolloutState.Running => No($"Rollout {id} is not paused; it is {now.Rollout.State.Name()}."),
        RolloutState.Holding => No($"Rollout {id} is not paused: its gate is not met. {now.Rollout.Why} It goes on by itself; `edgefleet rollout abort {id}` sends devices back."),
        _ => No(Over(now.Rollout, "resumed")),
    }, cancel);

    /// <summary>Closes the plan when nobody was told; else halts it, so that devices that took it go back.</summary>
    public Task<RolloutEnding> AbortAsync(long id, Person who, CancellationToken cancel) => ChangeAsync(id, who, "rollout.abort", now =>
    {
        if (!now.Rollout.State.IsOpen())
            return No(Over(now.Rollout, "aborted"));
        if (now.Devices.All(d => d.Row.Prepared is null))
        {
            now.Rollout.Settled = true;
            return Entered(now, RolloutState.Aborted, "Abort", RolloutSentences.Aborted(who.Name), who);
        }

        var verdict = RolloutSentences.HaltedBy(who.Name, now.Facts());
        now.Rollout.HaltedWhy = verdict.Why;
        return Entered(now, RolloutState.Halted, "Abort", verdict, who);
    }, cancel);

    /// <summary>What is said where no rollout has the number.</summary>
    public static string NoRollout(long id) => $"There is no rollout {id}. `edgefleet rollout list` shows what there is.";

    private async Task<RolloutEnding> SaveAsync(
        FleetContext db, RolloutRequest request, SlotName slot, PublishedPackage package, RolloutPlan plan, Person who, CancellationToken cancel)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var rollout = new Rollout
        {
            Model = package.Name,
            Version = package.Version,
            Digest = package.Digest,
            ManifestSize = package.ManifestSize,
            Slot = slot,
            Selector = request.Selector,
            Plan = JsonSerializer.Serialize(plan, RolloutJson.Default.RolloutPlan),
            StartedBy = who.Name,
            Started = now,
            Since = now,
        };
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            db.Add(rollout);
            await db.SaveChangesAsync(cancel);
            rollout.Stand(RolloutState.Planned, RolloutSentences.Planned(rollout.Id, plan.Devices, plan.Waves.Count, plan.LeftOut.Count), now);
            var attempts = await LocalAttemptsAsync(db, package.Digest, slot, cancel);
            db.AddRange(plan.Waves.SelectMany((wave, i) => wave.Select(device => new RolloutDevice
            {
                RolloutId = rollout.Id,
                Device = DeviceId.Parse(device),
                Wave = i + 1,
                Attempt = Math.Max(plan.Attempt, attempts.GetValueOrDefault(DeviceId.Parse(device))),
            })));
            db.Add(DecisionLog.Entry(rollout, "Start", rollout.Verdict, who.Name, now));
            try
            {
                if (await SupersedeAsync(db, rollout, plan, who, now, cancel) is { } beyond)
                    return new RolloutEnding.Refused($"{beyond} Nothing was started.");
                await db.SaveChangesAsync(cancel);
                await transaction.CommitAsync(cancel);
            }
            catch (DbUpdateConcurrencyException)
            {
                return new RolloutEnding.Refused($"Another rollout of slot '{slot}' was changed at this moment. Nothing was started. Look at it and start this one again.");
            }
        }

        await audit.RecordAsync(who.Name, "rollout.start", $"rollout {rollout.Id}", $"{package.Name} {package.Version} to {plan.Devices} devices, '{request.Selector}'", cancel);
        return new RolloutEnding.Done((await queries.FindAsync(rollout.Id, cancel))!);
    }

    // Two rollouts that shared a device would pull it to and fro, so the older one ends as a whole; one that goes back already keeps going back.
    private static async Task<string?> SupersedeAsync(FleetContext db, Rollout rollout, RolloutPlan plan, Person who, long now, CancellationToken cancel)
    {
        var mine = plan.Waves.SelectMany(w => w).ToHashSet(StringComparer.Ordinal);
        var open = await db.Set<Rollout>().Where(r => !r.Settled && r.Slot == rollout.Slot && r.Id < rollout.Id).ToListAsync(cancel);
        foreach (var older in open.Where(r => r.State.IsOpen() && RolloutJson.PlanOf(r).Waves.Any(w => w.Any(mine.Contains))))
        {
            if (await RolloutReach.FaultAsync(db, older.Id, cancel) is { } beyond)
                return beyond;
            older.Settled = true;
            older.Stand(RolloutState.Superseded, RolloutSentences.Superseded(rollout.Id, who.Name), now);
            db.Add(DecisionLog.Entry(older, "Supersede", older.Verdict, who.Name, now));
        }

        return null;
    }

    // A board refuses a package that it gave up before, unless the attempt is higher. What failed by disk or link deserves one.
    private static async Task<Dictionary<DeviceId, int>> LocalAttemptsAsync(FleetContext db, Sha256Digest digest, SlotName slot, CancellationToken cancel)
    {
        var rows = await db.Set<RolloutDevice>().AsNoTracking()
            .Where(d => d.Failure == Shared.Messages.FailureKind.Local && db.Set<Rollout>().Any(r => r.Id == d.RolloutId && r.Digest == digest && r.Slot == slot))
            .Select(d => new { d.Device, d.Attempt }).ToListAsync(cancel);
        return rows.GroupBy(r => r.Device).ToDictionary(g => g.Key, g => g.Max(r => r.Attempt) + 1);
    }

    private async Task<RolloutEnding> ChangeAsync(long id, Person who, string what, Func<RolloutNow, Change> change, CancellationToken cancel)
    {
        for (var tries = 1; ; tries++)
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            if (await RolloutReader.ReadAsync(db, id, time, cancel) is not { } now)
                return new RolloutEnding.NotFound(NoRollout(id));
            if (await RolloutReach.FaultAsync(db, id, cancel) is { } beyond)
                return new RolloutEnding.Refused(beyond);
            var (entry, refusal) = change(now);
            if (entry is null)
                return new RolloutEnding.Refused(refusal!);

            db.Add(entry);
            try
            {
                await db.SaveChangesAsync(cancel);
            }
            catch (DbUpdateConcurrencyException) when (tries < TriesMax)
            {
                continue; // The runner was at it; the guard is asked again about what stands now.
            }

            await audit.RecordAsync(who.Name, what, $"rollout {id}", entry.Why, cancel);
            return new RolloutEnding.Done((await queries.FindAsync(id, cancel))!);
        }
    }

    private static Change Entered(RolloutNow now, RolloutState state, string verb, Verdict verdict, Person who)
    {
        now.Rollout.Stand(state, verdict, now.Now);
        return new Change(DecisionLog.Entry(now.Rollout, verb, verdict, who.Name, now.Now), null);
    }

    private static Change No(string refusal) => new(null, refusal);

    private static string Over(Rollout rollout, string what) =>
        $"Rollout {rollout.Id} is {rollout.State.Name()} and cannot be {what}. Start another one to change what the devices run: `edgefleet rollout start`.";

    private sealed record Change(StoredDecision? Entry, string? Refusal);
}
