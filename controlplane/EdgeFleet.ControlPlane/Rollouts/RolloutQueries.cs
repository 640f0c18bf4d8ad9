using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>Rollouts for pages and programs.</summary>
internal sealed class RolloutQueries(IDbContextFactory<FleetContext> contexts, TimeProvider time)
{
    private const int ListMax = 200;
    private const int DecisionsMax = 200;

    /// <summary>The newest rollouts, newest first.</summary>
    public async Task<IReadOnlyList<RolloutSummary>> ListAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = await db.Set<Rollout>().AsNoTracking().OrderByDescending(r => r.Id).Take(ListMax)
            .Select(r => new
            {
                Rollout = r,
                Devices = db.Set<RolloutDevice>().Count(d => d.RolloutId == r.Id),
                Committed = db.Set<RolloutDevice>().Count(d => d.RolloutId == r.Id && d.Progress == Progress.Committed && d.Return != Return.Asked && d.Return != Return.Returned),
                Failed = db.Set<RolloutDevice>().Count(d => d.RolloutId == r.Id && (d.Progress == Progress.Rejected || d.Progress == Progress.RolledBack)),
            }).ToListAsync(cancel);
        return [.. rows.Select(r => RolloutShapes.Summary(r.Rollout, r.Devices, r.Committed, r.Failed))];
    }

    /// <summary>One rollout with waves, devices and its newest decisions, newest first; null if there is none.</summary>
    public async Task<RolloutDetail?> FindAsync(long id, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await RolloutReader.ReadAsync(db, id, time, cancel) is not { } now)
            return null;

        var decisions = await db.Set<StoredDecision>().AsNoTracking().Where(d => d.RolloutId == id).OrderByDescending(d => d.Id).Take(DecisionsMax).ToListAsync(cancel);
        var examples = await db.Set<ShadowExample>().AsNoTracking().Where(e => e.RolloutId == id).OrderByDescending(e => e.Id).Take(ShadowExample.OfRolloutMax).ToListAsync(cancel);
        var package = await db.Set<PublishedPackage>().AsNoTracking().SingleOrDefaultAsync(p => p.Digest == now.Rollout.Digest, cancel);
        return RolloutShapes.Detail(now, decisions, package is null ? null : PackageShapes.Shadow(package), examples);
    }
}
