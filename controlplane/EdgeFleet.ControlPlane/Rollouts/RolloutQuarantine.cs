using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>
/// Puts devices into quarantine that failed a package which their wave took: what fails alone fails by itself. They go on working, and later rollouts leave them out until a
/// person releases them, so that one flaky board can neither stop ten thousand again and again nor hide among them.
/// </summary>
internal static class RolloutQuarantine
{
    private const int ReasonMax = 200;

    /// <summary>True for a device that belongs there when its wave passes.</summary>
    public static bool IsFor(RolloutDevice row, Rollout rollout) => row.Wave <= rollout.Wave && row.Progress is Progress.Rejected or Progress.RolledBack
        && row.Failure != FailureKind.Local;

    /// <summary>Puts them there, with an entry in the history of each. The caller saves.</summary>
    public static async Task PutAsync(FleetContext db, RolloutNow now, CancellationToken cancel)
    {
        var failed = now.Devices.Where(d => IsFor(d.Row, now.Rollout)).Select(d => d.Row).ToDictionary(r => r.Device);
        if (failed.Count == 0)
            return;

        var ids = failed.Keys.ToList();
        foreach (var device in await db.Set<Device>().Where(d => ids.Contains(d.Id) && d.Quarantined == null).ToListAsync(cancel))
        {
            var row = failed[device.Id];
            var why = $"It failed {now.Rollout.Model} {now.Rollout.Version} in rollout {now.Rollout.Id}, which the others of its wave took: {row.Reason}";
            (device.Quarantined, device.QuarantineReason) = (now.Now, $"{DatabaseText.Cut(why, ReasonMax)} Ends with: edgefleet device release {device.Id}");
            db.Add(new DeviceHistory { Device = device.Id, At = now.Now, What = "quarantine", Text = DatabaseText.Cut($"Put into quarantine. {why}", ReasonMax) });
        }
    }
}
