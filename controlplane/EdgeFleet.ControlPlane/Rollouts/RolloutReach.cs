using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>Whether a rollout lies whole within the sites of the one who asks. Parts of it cannot be paused, aborted or superseded.</summary>
internal static class RolloutReach
{
    /// <summary>Why it is out of reach; null when it is not.</summary>
    public static async Task<string?> FaultAsync(FleetContext db, long rollout, CancellationToken cancel)
    {
        if (SiteScope.SeesAll)
            return null;

        var devices = db.Set<RolloutDevice>().Where(d => d.RolloutId == rollout);
        var (within, all) = (await devices.CountAsync(cancel), await devices.IgnoreQueryFilters().CountAsync(cancel));
        return within == all
            ? null
            : $"Rollout {rollout} goes to {all - within} devices beyond your sites ({string.Join(", ", SiteScope.Sites)}). Somebody without that limit has to do it.";
    }
}
