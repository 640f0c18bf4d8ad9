using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>What to do with a rollout now, with the four sentences that say it to people.</summary>
internal abstract record RolloutDecision(Verdict Verdict)
{
    /// <summary>Nothing yet.</summary>
    public sealed record Wait(Verdict Verdict) : RolloutDecision(Verdict);

    /// <summary>Nothing yet, and a person should know: the gate is not met in time, or cannot be met any more.</summary>
    public sealed record Hold(Verdict Verdict) : RolloutDecision(Verdict);

    /// <summary>Start the next wave.</summary>
    public sealed record Advance(Verdict Verdict) : RolloutDecision(Verdict);

    /// <summary>The last wave passed.</summary>
    public sealed record Done(Verdict Verdict) : RolloutDecision(Verdict);

    /// <summary>The package is bad: tell nobody else, and set the devices back.</summary>
    public sealed record Halt(Verdict Verdict) : RolloutDecision(Verdict);

    /// <summary>Devices are on their way back.</summary>
    public sealed record GoBack(Verdict Verdict) : RolloutDecision(Verdict);

    /// <summary>No device is on its way back any more.</summary>
    public sealed record Returned(Verdict Verdict) : RolloutDecision(Verdict);

    /// <summary>The decision in a word, as it is stored.</summary>
    public string Verb => GetType().Name;
}
