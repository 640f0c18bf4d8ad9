using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>In which of the counts of <see cref="WaveFacts"/> a device is.</summary>
internal enum DeviceClass
{
    Waiting,
    UnderWay,
    Probation,
    Committed,
    Deterministic,
    Statistical,
    Local,
    Silent,
    Late,
    Offline,
}

/// <summary>Reads what a device has made of a rollout out of its reports, and judges its silence. No clock, no store.</summary>
internal static class DeviceJudge
{
    /// <summary>Takes a reported slot over into the row of a device that was told. What it said before stands, where the report is about something else.</summary>
    public static void Observe(RolloutDevice row, DeviceSlot slot, Rollout rollout, long now)
    {
        if (row.Prepared is null || Read(row, slot, rollout) is not { } read || read == row.Progress)
            return;

        var failed = read is Progress.Rejected or Progress.RolledBack;
        (row.Progress, row.Changed) = (read, now);
        row.Failure = failed ? slot.Failure ?? (read == Progress.Rejected ? FailureKind.Deterministic : FailureKind.Statistical) : null;
        row.Reason = failed ? slot.Reason ?? "It gave no reason." : null;
    }

    /// <summary>The class of a device now.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="online">It is connected.</param>
    /// <param name="begun">When its time began to run, Unix ms: with its wave, or with a later attempt.</param>
    /// <param name="gate">The deadlines.</param>
    /// <param name="now">Unix ms.</param>
    /// <param name="isHeld">The device lets the update wait, for heat or a low battery.</param>
    public static DeviceClass Classify(RolloutDevice row, bool online, long begun, GateSettings gate, long now, bool isHeld = false)
    {
        var late = now >= begun + (long)(gate.HealthyByMinutes * 60_000);
        return row.Progress switch
        {
            Progress.Committed => DeviceClass.Committed,
            Progress.Rejected or Progress.RolledBack => row.Failure switch
            {
                FailureKind.Local => DeviceClass.Local,
                FailureKind.Deterministic => DeviceClass.Deterministic,
                _ => DeviceClass.Statistical,
            },
            // One that began and went away is not merely offline: the package may be what took it away.
            Progress.UnderWay => !late ? DeviceClass.UnderWay : isHeld ? DeviceClass.Local : DeviceClass.Late,
            Progress.Probation => late ? DeviceClass.Late : DeviceClass.Probation,
            _ when !online => DeviceClass.Offline,
            _ => now >= begun + (long)(gate.StartedByMinutes * 60_000) ? DeviceClass.Silent : DeviceClass.Waiting,
        };
    }

    /// <summary>True when the device serves the package, or may come to without another word.</summary>
    public static bool HasIt(RolloutDevice row) => row.Progress is Progress.UnderWay or Progress.Probation or Progress.Committed;

    /// <summary>True when the device serves the earlier package and nothing of this rollout is under way on it.</summary>
    public static bool IsBack(RolloutDevice row, DeviceSlot? slot, Rollout rollout) =>
        slot is not null && slot.ActiveDigest == row.PreviousDigest && !(slot.CandidateDigest == rollout.Digest && IsMoving(slot.State));

    private static Progress? Read(RolloutDevice row, DeviceSlot slot, Rollout rollout)
    {
        if (slot.ActiveDigest == rollout.Digest && slot.CandidateDigest != rollout.Digest && !IsMoving(slot.State))
            return Progress.Committed;
        if (slot.ActiveDigest == rollout.Digest && slot.State is "Committed" or "Idle")
            return Progress.Committed;
        if (slot.Rollout != rollout.Id || slot.Attempt != row.Attempt)
            return null;

        return slot.State switch
        {
            "Probation" or "RollingBack" => Progress.Probation,
            "Rejected" when slot.CandidateDigest == rollout.Digest => Progress.Rejected,
            "RolledBack" or "Inconsistent" when slot.CandidateDigest == rollout.Digest => Progress.RolledBack,
            _ when slot.CandidateDigest == rollout.Digest && IsMoving(slot.State) => Progress.UnderWay,
            _ => null,
        };
    }

    private static bool IsMoving(string state) =>
        state is "Downloading" or "Verifying" or "Rehearsing" or "Shadowing" or "Activating" or "Probation" or "RollingBack";
}
