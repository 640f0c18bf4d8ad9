using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;

namespace EdgeFleet.Shared.Messages;

/// <summary>What a device noticed. Exactly one of the parts is set, as <see cref="Type"/> says.</summary>
public sealed record DeviceEvent
{
    /// <summary><c>alert</c>, <c>update</c>, <c>drift</c>, <c>disagreement</c> or <c>gap</c>; also the last level of the topic.</summary>
    public required string Type { get; init; }

    /// <summary>Device time, Unix ms.</summary>
    public required long At { get; init; }

    /// <summary>Slot concerned.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>A rule of the manifest began or ended to hold.</summary>
    public AlertChange? Alert { get; init; }

    /// <summary>An update changed its state.</summary>
    public UpdateChange? Update { get; init; }

    /// <summary>Drift began or ended, or a baseline is learned.</summary>
    public DriftChange? Drift { get; init; }

    /// <summary>A live sample that a candidate in shadow answered otherwise than the model that serves.</summary>
    public Disagreement? Disagreement { get; init; }

    /// <summary>Time or records that are missing, and why.</summary>
    public Gap? Gap { get; init; }
}

/// <summary>The names of event types.</summary>
public static class EventType
{
    /// <summary>See <see cref="AlertChange"/>.</summary>
    public const string Alert = "alert";

    /// <summary>See <see cref="UpdateChange"/>.</summary>
    public const string Update = "update";

    /// <summary>See <see cref="DriftChange"/>.</summary>
    public const string Drift = "drift";

    /// <summary>See <see cref="Messages.Disagreement"/>.</summary>
    public const string Disagreement = "disagreement";

    /// <summary>See <see cref="Messages.Gap"/>.</summary>
    public const string Gap = "gap";
}

/// <summary>An alert was raised or cleared on the device.</summary>
public sealed record AlertChange
{
    /// <summary>Rule of the manifest.</summary>
    public required string Rule { get; init; }

    /// <summary>Label the rule is about.</summary>
    public required string Label { get; init; }

    /// <summary><c>critical</c>, <c>warning</c> or <c>info</c>.</summary>
    public required string Severity { get; init; }

    /// <summary>True when raised, false when cleared.</summary>
    public required bool Raised { get; init; }

    /// <summary>Samples of the last <see cref="Of"/> that showed it.</summary>
    public int Seen { get; init; }

    /// <summary>Samples looked at.</summary>
    public int Of { get; init; }

    /// <summary>Mean confidence of those that showed it, 0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>Model that answered, as <c>name@version</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Photo of the clearest sample, sent as a blob; null for sensors.</summary>
    public Sha256Digest? Photo { get; init; }

    /// <summary>What the photo shows and where, for object detection: boxes of the rule's label first, at most 20. Whoever shows the photo draws them.</summary>
    public IReadOnlyList<AlertBox>? Boxes { get; init; }

    /// <summary>Anomaly score of the sample that raised it.</summary>
    public double? Score { get; init; }

    /// <summary>The window of readings that showed it most clearly, thinned to at most 200 values; null for images.</summary>
    public IReadOnlyList<float>? Readings { get; init; }
}

/// <summary>A box of an alert's photo; coordinates are shares of the photo, 0 to 1, from its upper left corner.</summary>
/// <param name="Label">Label.</param>
/// <param name="Score">How sure, 0 to 1.</param>
/// <param name="Left">Left edge.</param>
/// <param name="Top">Upper edge.</param>
/// <param name="Right">Right edge.</param>
/// <param name="Bottom">Lower edge.</param>
public sealed record AlertBox(string Label, double Score, double Left, double Top, double Right, double Bottom);

/// <summary>An update left one state for another.</summary>
public sealed record UpdateChange
{
    /// <summary>State left.</summary>
    public required string From { get; init; }

    /// <summary>State entered.</summary>
    public required string To { get; init; }

    /// <summary>Package concerned.</summary>
    public PackageRef? Package { get; init; }

    /// <summary>Attempt of the wish.</summary>
    public int Attempt { get; init; }

    /// <summary>Rollout, 0 for none.</summary>
    public long Rollout { get; init; }

    /// <summary>Why, for people.</summary>
    public string? Reason { get; init; }

    /// <summary>How a rollout takes it, when it is a failure.</summary>
    public FailureKind? Failure { get; init; }

    /// <summary>The candidate beside the model that serves, as the step that ended saw it.</summary>
    public CandidateEvidence? Evidence { get; init; }

    /// <summary>What deltas did for the download that ended; null when none was asked for.</summary>
    public DeltaUse? Deltas { get; init; }
}

/// <summary>What deltas from earlier versions on the board did for a download.</summary>
public sealed record DeltaUse
{
    /// <summary>Files that were built from one.</summary>
    public int Built { get; init; }

    /// <summary>Bytes of those deltas.</summary>
    public long Bytes { get; init; }

    /// <summary>Bytes of the files that they made.</summary>
    public long FileBytes { get; init; }

    /// <summary>Times that the server had none.</summary>
    public int Absent { get; init; }

    /// <summary>Times that one did not come or made nothing of use.</summary>
    public int Failed { get; init; }

    /// <summary>Why, the last time.</summary>
    public string? Reason { get; init; }
}

/// <summary>A live sample that a candidate in shadow answered otherwise than the model that serves, for a person to look at. A board sends few of an update.</summary>
public sealed record Disagreement
{
    /// <summary>The model that serves, as <c>name@version</c>.</summary>
    public required string Model { get; init; }

    /// <summary>The candidate, as <c>name@version</c>.</summary>
    public required string Candidate { get; init; }

    /// <summary>Rollout that wished the candidate, 0 for none.</summary>
    public long Rollout { get; init; }

    /// <summary>What the model that serves said, in words: a label, boxes by label, <c>anomaly</c> or <c>normal</c>.</summary>
    public required string Answer { get; init; }

    /// <summary>How sure of it, 0 to 1.</summary>
    public double Confidence { get; init; }

    /// <summary>What the candidate said; <c>no answer</c> when it failed.</summary>
    public required string CandidateAnswer { get; init; }

    /// <summary>How sure of it, 0 to 1.</summary>
    public double CandidateConfidence { get; init; }

    /// <summary>Photo of the sample, sent as a blob; null for sensors.</summary>
    public Sha256Digest? Photo { get; init; }

    /// <summary>The window of readings, thinned to at most 200 values; null for images.</summary>
    public IReadOnlyList<float>? Readings { get; init; }
}

/// <summary>Something that is not there and should be: said, never hidden.</summary>
public sealed record Gap
{
    /// <summary>Begin, Unix ms.</summary>
    public required long From { get; init; }

    /// <summary>End, Unix ms.</summary>
    public required long To { get; init; }

    /// <summary>Records or samples missing, where known.</summary>
    public long Missing { get; init; }

    /// <summary>Why, for people.</summary>
    public required string Reason { get; init; }
}

/// <summary>Consecutive events.</summary>
public sealed record EventBatch : IRecordBatch
{
    /// <inheritdoc/>
    public int V { get; set; } = 1;

    /// <inheritdoc/>
    public required string Epoch { get; init; }

    /// <inheritdoc/>
    public required long Low { get; init; }

    /// <inheritdoc/>
    public required long First { get; init; }

    /// <inheritdoc/>
    public int Count => Records.Count;

    /// <summary>The records, without a gap.</summary>
    public required IReadOnlyList<DeviceEvent> Records { get; init; }
}
