using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>Devices that failed by their own disk, link or heat are asked again with a higher attempt, a few times. Pure.</summary>
internal static class LocalRetries
{
    /// <summary>True when a device is to be asked again now.</summary>
    public static bool IsDue(RolloutDevice row, RolloutOptions options, long now) => row.Failure == FailureKind.Local && row.Retries < options.LocalRetriesMax
        && row.Changed <= now - (long)(options.LocalRetryMinutes * 60_000);

    /// <summary>Makes its row anew, to be told.</summary>
    public static void Renew(RolloutDevice row, long now)
    {
        (row.Attempt, row.Retries, row.Told) = (row.Attempt + 1, row.Retries + 1, null);
        (row.Progress, row.Failure, row.Reason, row.Changed) = (Progress.None, null, null, now);
    }
}
