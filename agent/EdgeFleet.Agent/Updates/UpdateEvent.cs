using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models.Evidence;

namespace EdgeFleet.Agent.Updates;

/// <summary>What happened to an update: a wish that counts, the end of a step, or the death of the process in it.</summary>
internal abstract record UpdateEvent
{
    /// <summary>What the step saw of the candidate beside the model that serves; null where it saw nothing to compare.</summary>
    public CandidateEvidence? Evidence { get; init; }

    /// <summary>Live samples on which a candidate in shadow and the model that serves disagreed; few, and empty for other steps.</summary>
    public IReadOnlyList<DisagreementFound> Disagreements { get; init; } = [];

    /// <summary>What deltas did for a download; null when none was asked for.</summary>
    public DeltaUse? Deltas { get; init; }
}

/// <summary>A package to be fetched was wished.</summary>
internal sealed record Offered(Wish Wish) : UpdateEvent;

/// <summary>The previous package was wished, which is whole on disk and was good once.</summary>
internal sealed record Returned(Wish Wish) : UpdateEvent;

/// <summary>The package that already serves was wished.</summary>
internal sealed record Confirmed(Wish Wish) : UpdateEvent;

/// <summary>A package was wished that this slot has refused or turned back at this attempt.</summary>
internal sealed record Refused(Wish Wish, string Reason, FailureKind Failure) : UpdateEvent;

/// <summary>The model before was wished while the candidate is being activated or watched.</summary>
internal sealed record Recalled(Wish Wish) : UpdateEvent;

/// <summary>A new desired document came while the slot is inconsistent.</summary>
internal sealed record Retried : UpdateEvent;

/// <summary>The step ended well.</summary>
internal sealed record StepDone : UpdateEvent;

/// <summary>The step failed.</summary>
/// <param name="Reason">Why, for people.</param>
/// <param name="Failure">How a rollout takes it.</param>
/// <param name="Final">True when trying the step again cannot help.</param>
/// <param name="Progressed">True when a download brought bytes that are kept.</param>
internal sealed record StepFailed(string Reason, FailureKind Failure, bool Final = false, bool Progressed = false) : UpdateEvent;

/// <summary>Shadowing ended.</summary>
/// <param name="Result"><c>skipped</c> when its share is 0.</param>
internal sealed record Shadowed(string Result) : UpdateEvent;

/// <summary>The candidate serves; it is compared with what the model before did.</summary>
internal sealed record Activated(ProbationWatch Watch) : UpdateEvent;

/// <summary>A minute of probation was seen and decides nothing yet.</summary>
internal sealed record Watched(ProbationWatch Watch) : UpdateEvent;

/// <summary>The agent died in the state, on a board that kept running.</summary>
internal sealed record Crashed : UpdateEvent;

/// <summary>The agent was started too often in the state without a step forward.</summary>
internal sealed record Looped(int Starts) : UpdateEvent;

/// <summary>At start the committed model could not be loaded: the disk lost or changed it.</summary>
/// <param name="HasPrevious">True when the one before it could be, and serves.</param>
internal sealed record ActiveLost(bool HasPrevious) : UpdateEvent;
