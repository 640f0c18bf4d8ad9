using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Alerts;
using EdgeFleet.ControlPlane.DeviceCommands;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Rollouts;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Data;

/// <summary>
/// People who are limited to sites: what is not of a device there does not exist for them, in any query. The filters read the two members below of the
/// context at each query; a filter that captured anything else would be frozen at the first one.
/// </summary>
internal abstract partial class FleetContext
{
#pragma warning disable CA1822 // Not static: of a filter only members of the context are asked anew at each query.
    private bool SeesAllSites => SiteScope.SeesAll;

    private IReadOnlyList<string> SitesSeen => SiteScope.Sites;
#pragma warning restore CA1822

    private void FilterBySite(ModelBuilder model)
    {
        model.Entity<Device>().HasQueryFilter(d => SeesAllSites || SitesSeen.Contains(d.Site));
        model.Entity<DeviceSlot>().HasQueryFilter(s => SeesAllSites || Set<Device>().Any(d => d.Id == s.Device));
        model.Entity<DeviceHistory>().HasQueryFilter(h => SeesAllSites || Set<Device>().Any(d => d.Id == h.Device));
        model.Entity<CommandEntry>().HasQueryFilter(c => SeesAllSites || Set<Device>().Any(d => d.Id == c.Device));
        model.Entity<Alert>().HasQueryFilter(a => SeesAllSites || Set<Device>().Any(d => d.Id == a.Device));
        model.Entity<AlertAction>().HasQueryFilter(x => SeesAllSites || Set<Alert>().Any(a => a.Id == x.AlertId));
        model.Entity<RolloutDevice>().HasQueryFilter(r => SeesAllSites || Set<Device>().Any(d => d.Id == r.Device));
        model.Entity<ShadowExample>().HasQueryFilter(e => SeesAllSites || Set<Device>().Any(d => d.Id == e.Device));
        model.Entity<Rollout>().HasQueryFilter(r => SeesAllSites || Set<RolloutDevice>().Any(d => d.RolloutId == r.Id));
        model.Entity<StoredDecision>().HasQueryFilter(s => SeesAllSites || Set<Rollout>().Any(r => r.Id == s.RolloutId));
        model.Entity<EnrolmentToken>().HasQueryFilter(t => SeesAllSites || SitesSeen.Contains(t.Site));
    }
}
