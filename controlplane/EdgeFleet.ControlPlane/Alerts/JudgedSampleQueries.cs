using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>What people said of answers, for the next training.</summary>
internal sealed class JudgedSampleQueries(IDbContextFactory<FleetContext> contexts)
{
    /// <summary>Verdicts in one answer at most.</summary>
    public const int PageMax = 500;

    /// <summary>Verdicts after one, oldest first.</summary>
    public async Task<JudgedSamplePage> AfterAsync(long after, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var rows = await db.Set<AlertAction>().AsNoTracking().Where(a => a.Id > after && a.Kind == AlertActionKind.Verdict).OrderBy(a => a.Id).Take(PageMax)
            .Join(db.Set<Alert>(), action => action.AlertId, alert => alert.Id, (action, alert) => new { Action = action, Alert = alert }).OrderBy(r => r.Action.Id).ToListAsync(cancel);
        var devices = rows.Select(r => r.Alert.Device).Distinct().ToList();
        var sites = await db.Set<Device>().AsNoTracking().Where(d => devices.Contains(d.Id)).ToDictionaryAsync(d => d.Id, d => d.Site, cancel);
        return new JudgedSamplePage(rows.Count == 0 ? after : rows[^1].Action.Id, rows.ConvertAll(r => Sample(r.Action, r.Alert, sites.GetValueOrDefault(r.Alert.Device, ""))));
    }

    // A verdict from before answers were kept with it is told by the alert, but not with its photo, which may be a later one.
    private static JudgedSample Sample(AlertAction action, Alert alert, string site) => new(
        action.Id, Time(action.At), action.Who, action.Value ?? "", action.Label, alert.Id, alert.Device.Value, site, alert.Slot.Value,
        action.Judged?.Model ?? alert.Model, action.Judged?.Answer ?? alert.Label, action.Judged?.Confidence ?? alert.Confidence, Time(action.Judged?.SeenAt ?? alert.Last), action.Judged?.Photo?.Value);

    private static DateTimeOffset Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
}
