namespace EdgeFleet.ControlPlane.Devices;

/// <summary>How a device stands, in one word.</summary>
internal enum DeviceState
{
    /// <summary>Enrolled and never heard.</summary>
    New,

    /// <summary>Heard in time, nothing under way.</summary>
    Ready,

    /// <summary>Asleep as it announced.</summary>
    Sleeping,

    /// <summary>Silent for longer than it should be, or its connection broke.</summary>
    Late,

    /// <summary>Silent for so long that somebody should look.</summary>
    Lost,

    /// <summary>A slot is between two models.</summary>
    Updating,

    /// <summary>A slot went back to its previous model, or could not.</summary>
    RolledBack,
}

/// <summary>What the state is judged by. Times are Unix ms of this side.</summary>
internal readonly record struct DeviceFacts(string Presence, long PresenceAt, long LastHeard, IReadOnlyList<string> SlotStates);

/// <summary>Judges the state of a device. Silence is worse than anything a device said before it.</summary>
internal static class DeviceStatePolicy
{
    /// <summary>The state now.</summary>
    public static DeviceState Decide(DeviceFacts facts, DeviceOptions options, DateTimeOffset now)
    {
        var silence = TimeSpan.FromMilliseconds(Math.Max(0, now.ToUnixTimeMilliseconds() - facts.LastHeard));
        var gone = facts.Presence is "lost" or "off" && facts.LastHeard <= facts.PresenceAt;
        return facts switch
        {
            { LastHeard: 0 } => DeviceState.New,
            { Presence: "sleeping" } when silence <= TimeSpan.FromHours(options.SleepMaxHours) => DeviceState.Sleeping,
            _ when silence > TimeSpan.FromHours(options.LostAfterHours) => DeviceState.Lost,
            _ when gone || silence > TimeSpan.FromMinutes(options.LateAfterMinutes) => DeviceState.Late,
            { SlotStates: var slots } when slots.Any(IsUnderWay) => DeviceState.Updating,
            { SlotStates: var slots } when slots.Any(s => s is "RolledBack" or "Inconsistent") => DeviceState.RolledBack,
            _ => DeviceState.Ready,
        };
    }

    /// <summary>The word for people and for selectors.</summary>
    public static string WordOf(DeviceState state) => state switch
    {
        DeviceState.RolledBack => "rolled back",
        _ => state.ToString().ToLowerInvariant(),
    };

    private static bool IsUnderWay(string slotState) =>
        slotState is "Downloading" or "Verifying" or "Rehearsing" or "Shadowing" or "Activating" or "Probation" or "RollingBack";
}
