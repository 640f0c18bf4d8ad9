namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>The devices of a look: some on the package, some of later waves that are still on an earlier one. Pure.</summary>
/// <param name="Candidates">On the package.</param>
/// <param name="Controls">Not yet told.</param>
internal sealed record EvidenceCohorts(IReadOnlyList<DeviceNow> Candidates, IReadOnlyList<DeviceNow> Controls)
{
    /// <summary>Devices of a side that are looked at: with 200 on each the bounds lie a tenth of a device's own scatter apart, and more cost only time.</summary>
    public const int SideMax = 200;

    /// <summary>Chooses them in the order of the plan, which is drawn by lot, so the first are a fair sample.</summary>
    public static EvidenceCohorts Of(RolloutNow now)
    {
        var (candidates, controls) = (new List<DeviceNow>(), new List<DeviceNow>());
        var byId = now.Devices.ToDictionary(d => d.Row.Device.Value);
        foreach (var device in now.Plan.Waves.SelectMany(w => w).Select(id => byId[id]))
        {
            if (candidates.Count < SideMax && IsCandidate(device, now))
                candidates.Add(device);
            else if (controls.Count < SideMax && IsControl(device, now))
                controls.Add(device);
        }

        return new EvidenceCohorts(candidates, controls);
    }

    /// <summary>True for a device on which the package runs where an earlier one did.</summary>
    public static bool IsCandidate(DeviceNow device, RolloutNow now) => device.Row.Wave <= now.Rollout.Wave
        && device.Row.Progress is Progress.Probation or Progress.Committed && device.Row.PreviousDigest is { } previous && previous != now.Rollout.Digest;

    /// <summary>True for a device of a later wave that runs an earlier package.</summary>
    public static bool IsControl(DeviceNow device, RolloutNow now) => device.Row.Wave > now.Rollout.Wave
        && device.Slot?.ActiveDigest is { } active && active != now.Rollout.Digest;
}
