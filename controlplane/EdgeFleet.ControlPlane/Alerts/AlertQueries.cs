using System.Linq.Expressions;
using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>Reads alerts as staff see them.</summary>
internal sealed class AlertQueries(IDbContextFactory<FleetContext> contexts, AnswerQuality quality)
{
    /// <summary>Alerts in one answer at most; more come with the next revision.</summary>
    public const int PageMax = 500;

    /// <summary>The newest alerts, at most <see cref="PageMax"/>. Null for every state.</summary>
    public async Task<IReadOnlyList<AlertSummary>> ListAsync(string? state, CancellationToken cancel) =>
        await ReadAsync(a => state == null || a.State == state, q => q.OrderByDescending(a => a.Last).ThenByDescending(a => a.Id), cancel);

    /// <summary>Alerts of one device, newest first.</summary>
    public async Task<IReadOnlyList<AlertSummary>> OfDeviceAsync(DeviceId device, CancellationToken cancel) =>
        await ReadAsync(a => a.Device == device, q => q.OrderByDescending(a => a.Last).ThenByDescending(a => a.Id), cancel);

    /// <summary>What changed after a revision, oldest change first. The revision of the page is where to go on.</summary>
    public async Task<AlertPage> SinceAsync(long revision, CancellationToken cancel)
    {
        var alerts = await ReadAsync(a => a.Revision > revision, q => q.OrderBy(a => a.Revision), cancel);
        return new AlertPage(alerts.Count == 0 ? revision : alerts[^1].Revision, alerts);
    }

    /// <summary>One alert.</summary>
    public async Task<AlertSummary?> FindAsync(long id, CancellationToken cancel) =>
        (await ReadAsync(a => a.Id == id, q => q.OrderBy(a => a.Id), cancel)).SingleOrDefault();

    /// <summary>How many alerts are in each state.</summary>
    public async Task<IReadOnlyDictionary<string, int>> CountsAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<Alert>().GroupBy(a => a.State).ToDictionaryAsync(g => g.Key, g => g.Count(), cancel);
    }

    private async Task<IReadOnlyList<AlertSummary>> ReadAsync(
        Expression<Func<Alert, bool>> which, Func<IQueryable<Alert>, IQueryable<Alert>> order, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var alerts = await order(db.Set<Alert>().AsNoTracking().Where(which)).Take(PageMax).Include(a => a.Actions).AsSplitQuery().ToListAsync(cancel);
        var ids = alerts.Select(a => a.Device).Distinct().ToList();
        var sites = await db.Set<Device>().AsNoTracking().Where(d => ids.Contains(d.Id)).ToDictionaryAsync(d => d.Id, d => d.Site, cancel);
        var records = new Dictionary<(string, string), AnswerRecord>();
        foreach (var (model, label) in alerts.Select(a => (a.Model, a.Label)).Distinct())
            records[(model, label)] = await quality.OfAsync(model, label, cancel);
        return alerts.ConvertAll(a => Summary(a, sites.GetValueOrDefault(a.Device, ""), records[(a.Model, a.Label)].RightOf100(a.Confidence)));
    }

    private static AlertSummary Summary(Alert a, string site, int? rightOf100) => new(
        a.Id, a.Device.Value, site, a.Slot.Value, a.Rule, a.Label, a.Severity, a.State, a.Raised, Time(a.First), Time(a.Last), a.Times,
        a.Seen, a.Of, a.Confidence, a.Model, a.Photo?.Value, a.Readings, a.Revision,
        a.Actions.OrderBy(x => x.Id).Select(x => new AlertActionSummary(Time(x.At), x.Who, x.Kind, x.Value, x.Label)).ToList(), rightOf100,
        a.BoxesJson is null ? null : JsonSerializer.Deserialize(a.BoxesJson, WireJson.Default.IReadOnlyListAlertBox), a.Score);

    private static DateTimeOffset Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
}
