namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>Where a rollout stands; the arrows are in the folder's README.</summary>
internal enum RolloutState
{
    /// <summary>Planned and frozen; nobody was told.</summary>
    Planned,

    /// <summary>A wave runs.</summary>
    Running,

    /// <summary>A person stopped it: devices under way finish, nobody new is told.</summary>
    Paused,

    /// <summary>A gate is not met and nothing says that the model is bad: it waits for devices or for a person.</summary>
    Holding,

    /// <summary>The model was found bad, or a person ended it. Nobody else gets it; where no device has it, this is the end.</summary>
    Halted,

    /// <summary>Devices that have it go back to what they ran before.</summary>
    RollingBack,

    /// <summary>All that could go back have.</summary>
    RolledBack,

    /// <summary>The last wave passed its gate.</summary>
    Done,

    /// <summary>A person closed the plan before anybody was told.</summary>
    Aborted,

    /// <summary>A newer rollout to the same slot took devices over.</summary>
    Superseded,
}

/// <summary>States as the API spells them.</summary>
internal static class RolloutStates
{
    /// <summary><c>rolling-back</c> for <see cref="RolloutState.RollingBack"/>, and so on.</summary>
    public static string Name(this RolloutState state) => state switch
    {
        RolloutState.RollingBack => "rolling-back",
        RolloutState.RolledBack => "rolled-back",
        _ => state.ToString().ToLowerInvariant(),
    };

    /// <summary>True while waves may still be started.</summary>
    public static bool IsOpen(this RolloutState state) =>
        state is RolloutState.Planned or RolloutState.Running or RolloutState.Paused or RolloutState.Holding;
}
