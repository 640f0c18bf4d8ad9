using System.Text.Json.Serialization;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>Where an update of one slot stands. A state names the step that is about to run, and is on disk before the step begins.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(Idle), nameof(Idle))]
[JsonDerivedType(typeof(Downloading), nameof(Downloading))]
[JsonDerivedType(typeof(Verifying), nameof(Verifying))]
[JsonDerivedType(typeof(Rehearsing), nameof(Rehearsing))]
[JsonDerivedType(typeof(Shadowing), nameof(Shadowing))]
[JsonDerivedType(typeof(Activating), nameof(Activating))]
[JsonDerivedType(typeof(Probation), nameof(Probation))]
[JsonDerivedType(typeof(Committed), nameof(Committed))]
[JsonDerivedType(typeof(Rejected), nameof(Rejected))]
[JsonDerivedType(typeof(RollingBack), nameof(RollingBack))]
[JsonDerivedType(typeof(RolledBack), nameof(RolledBack))]
[JsonDerivedType(typeof(Inconsistent), nameof(Inconsistent))]
internal abstract record UpdateState
{
    /// <summary>The name in reports and events.</summary>
    [JsonIgnore]
    public string Name => GetType().Name;

    /// <summary>How far the state has touched the slot.</summary>
    [JsonIgnore]
    public UpdatePhase Phase => this switch
    {
        Downloading or Verifying or Rehearsing or Shadowing => UpdatePhase.Early,
        Activating or Probation or RollingBack => UpdatePhase.Late,
        _ => UpdatePhase.Resting,
    };
}

/// <summary>How far an update has touched its slot.</summary>
internal enum UpdatePhase
{
    /// <summary>Nothing is being done.</summary>
    Resting,

    /// <summary>Work goes on beside the slot; it can be dropped at any time.</summary>
    Early,

    /// <summary>The slot is being changed or watched.</summary>
    Late,
}

/// <summary>What the control plane asked of a slot: a package, the attempt and the rollout that asks.</summary>
internal sealed record Wish(PackageRef Package, int Attempt, long Rollout)
{
    /// <summary>What the package has to show in shadow; null leaves it to the slot's settings.</summary>
    public ShadowOrder? Shadow { get; init; }

    /// <summary>The wish of a desired document for one slot.</summary>
    public static Wish Of(DesiredSlot desired) => new(desired.Package, desired.Attempt, desired.Rollout) { Shadow = desired.Shadow };
}

/// <summary>A state that is about a wish.</summary>
internal abstract record WishState(Wish Target) : UpdateState;

/// <summary>No wish has been followed yet.</summary>
internal sealed record Idle : UpdateState;

/// <summary>The package is on its way to disk.</summary>
/// <param name="Target">The wish.</param>
/// <param name="Attempt">Number of this try, from 1; a try that brought bytes begins again at 1.</param>
internal sealed record Downloading(Wish Target, int Attempt) : WishState(Target);

/// <summary>What is on disk is checked: digests, manifest, fit to this board.</summary>
internal sealed record Verifying(Wish Target) : WishState(Target);

/// <summary>The candidate answers the golden set in a process of its own.</summary>
internal sealed record Rehearsing(Wish Target) : WishState(Target);

/// <summary>The candidate runs beside the active model on a share of the samples; its answers count for nothing.</summary>
internal sealed record Shadowing(Wish Target) : WishState(Target);

/// <summary>The candidate is loaded and takes the slot.</summary>
/// <param name="Target">The wish.</param>
/// <param name="Crashes">Deaths of the agent in this step, counted before the model is touched again.</param>
/// <param name="Shadow">Result of shadowing; null for a return, which has none.</param>
internal sealed record Activating(Wish Target, int Crashes, string? Shadow) : WishState(Target);

/// <summary>The candidate serves and is watched; the model before it stays ready.</summary>
/// <param name="Target">The wish.</param>
/// <param name="Crashes">Deaths of the agent since the candidate was first loaded.</param>
/// <param name="Watch">What has been seen of it.</param>
/// <param name="Shadow">Result of shadowing.</param>
internal sealed record Probation(Wish Target, int Crashes, ProbationWatch Watch, string? Shadow) : WishState(Target);

/// <summary>The model is kept.</summary>
internal sealed record Committed(Wish Target, string? Shadow) : WishState(Target);

/// <summary>The candidate was refused before it served: nothing changed.</summary>
internal sealed record Rejected(Wish Target, string Reason, FailureKind Failure) : WishState(Target);

/// <summary>The model before the candidate is put back. Needs no network and never gives up.</summary>
/// <param name="Target">The wish that is turned back.</param>
/// <param name="Reason">Why.</param>
/// <param name="Recall">The wish for the model before, when it was asked for; null when the candidate failed.</param>
internal sealed record RollingBack(Wish Target, string Reason, Wish? Recall) : WishState(Target);

/// <summary>The candidate served, failed, and was turned back.</summary>
internal sealed record RolledBack(Wish Target, string Reason) : WishState(Target);

/// <summary>The candidate failed and the model before it cannot be put back. Tried again with every new desired document.</summary>
internal sealed record Inconsistent(Wish Target, string Reason, Wish? Recall) : WishState(Target);
