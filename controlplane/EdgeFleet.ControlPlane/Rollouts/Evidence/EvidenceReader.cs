using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>Takes looks at the running models when they are due: reads rows and profiles of the devices on either side and writes the numbers into the rollout's row.</summary>
internal sealed class EvidenceReader(ITelemetryStore telemetry)
{
    /// <summary>Takes the look that is due, if one is. The caller saves.</summary>
    public async Task LookAsync(FleetContext db, RolloutNow now, CancellationToken cancel)
    {
        var facts = now.Facts();
        if (EvidenceSchedule.Due(facts, now.Plan.Gate) is not { } number)
            return;

        var devices = await DevicesAsync(now, cancel);
        var look = EvidenceLook.Of(facts, now.Plan.Gate, number, devices, await BudgetsAsync(db, now.Rollout.Digest, cancel));
        if (look.Measures.Count > 0)
            look = look with { Unlike = await UnlikeAsync(db, devices, cancel) };
        now.Rollout.LastLook = JsonSerializer.Serialize(look, RolloutJson.Default.LookFacts);
    }

    private async Task<IReadOnlyList<DeviceEvidence>> DevicesAsync(RolloutNow now, CancellationToken cancel)
    {
        var cohorts = EvidenceCohorts.Of(now);
        var all = cohorts.Candidates.Concat(cohorts.Controls).Select(d => d.Row.Device).ToList();
        var (rows, hours) = (EvidenceWindows.OfMinutes(now.Rollout, now.Now), EvidenceWindows.OfProfiles(now.Rollout, now.Now));
        var minutes = await telemetry.FleetMinutesAsync(all, now.Rollout.Slot, rows.BeforeFrom, rows.AfterTo, cancel);
        var profiles = await telemetry.FleetProfilesAsync(all, now.Rollout.Slot, hours.BeforeFrom, hours.AfterTo, cancel);
        var package = now.Rollout.Package.Label;
        return [.. cohorts.Candidates.Select(d => (d.Row.Device, true)).Concat(cohorts.Controls.Select(d => (d.Row.Device, false))).Select(d => Fold(d.Device, d.Item2))];

        DeviceEvidence Fold(DeviceId device, bool isCandidate)
        {
            var mine = minutes.GetValueOrDefault(device) ?? [];
            var books = profiles.GetValueOrDefault(device) ?? [];
            return new DeviceEvidence(device.Value, isCandidate, Window(-1), Window(1));

            WindowFacts Window(int side) => WindowFacts.Of(
                CollectionsMarshal.AsSpan(mine.Where(m => rows.SideOf(m.At, m.Model, package, isCandidate) == side && m.Model.Length > 0).ToList()),
                [.. books.Where(p => hours.SideOf(p.At, p.Model, package, isCandidate) == side)]);
        }
    }

    private static async Task<Budgets?> BudgetsAsync(FleetContext db, Sha256Digest digest, CancellationToken cancel)
    {
        var manifest = await db.Set<PublishedPackage>().Where(p => p.Digest == digest).Select(p => p.Manifest).SingleOrDefaultAsync(cancel);
        using var document = JsonDocument.Parse(manifest ?? "{}");
        return document.RootElement.TryGetProperty("budgets", out var budgets) ? budgets.Deserialize(WireJson.Default.Budgets) : null;
    }

    private static async Task<string?> UnlikeAsync(FleetContext db, IReadOnlyList<DeviceEvidence> devices, CancellationToken cancel)
    {
        var ids = devices.Select(d => DeviceId.Parse(d.Device)).ToList();
        var known = await db.Set<Device>().AsNoTracking().Where(d => ids.Contains(d.Id)).Select(d => new { d.Id, d.Hardware, d.Site }).ToDictionaryAsync(d => d.Id.Value, cancel);
        return CohortLikeness.Say("hardware", devices, d => known.GetValueOrDefault(d)?.Hardware) ?? CohortLikeness.Say("site", devices, d => known.GetValueOrDefault(d)?.Site);
    }
}
