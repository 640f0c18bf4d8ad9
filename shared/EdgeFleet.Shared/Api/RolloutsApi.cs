using EdgeFleet.Shared.Models;

namespace EdgeFleet.Shared.Api;

/// <summary>Body of <c>POST /api/rollouts</c>. Left out parts get the default plan.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Version that shall run.</param>
/// <param name="Slot">Slot it is for; by default the model's name.</param>
/// <param name="Selector">Which devices: <c>all</c>, or conditions joined by <c>and</c>: <c>site=luzon and tag=lab and hw=orin-nano</c>, <c>device=a,b</c>.</param>
/// <param name="Waves">Cumulative shares of the devices, 0 to 1, growing, the last 1.</param>
/// <param name="Gate">Conditions to leave a wave.</param>
/// <param name="Attempt">A package that devices refused before is tried again only for a higher attempt.</param>
/// <param name="Shadow">Lets the version run on a share of live samples beside the model that serves before it serves, within limits; left out, boards do as they are set.</param>
public sealed record RolloutRequest(
    string Model,
    string Version,
    string? Slot = null,
    string Selector = "all",
    IReadOnlyList<double>? Waves = null,
    GateSettings? Gate = null,
    int Attempt = 1,
    ShadowOrder? Shadow = null);

/// <summary>Conditions to leave a wave, and the deadlines for silence.</summary>
public sealed record GateSettings
{
    /// <summary>Least share of a wave's devices that must be committed.</summary>
    public double HealthyShareMin { get; set; } = 0.9;

    /// <summary>Share of decided devices that may fail; a halt needs the Wilson lower bound above it.</summary>
    public double FailureRatioMax { get; set; } = 0.05;

    /// <summary>Decided devices below which no share is judged.</summary>
    public int DecidedMin { get; set; } = 5;

    /// <summary>Time to wait after the last report of a wave.</summary>
    public double SoakMinutes { get; set; } = 30;

    /// <summary>By then, counted from the wave's start, a device must have taken the wish; later it is silent.</summary>
    public double StartedByMinutes { get; set; } = 60;

    /// <summary>By then a device must have finished or failed.</summary>
    public double HealthyByMinutes { get; set; } = 240;

    /// <summary>Judge by the running models, beside devices that still run the earlier one. Without, only how the updates of the devices themselves end counts.</summary>
    public bool Evidence { get; set; } = true;

    /// <summary>Minutes between two looks at the running models, when one was not enough. The first is taken when a wave has soaked.</summary>
    public double LookMinutes { get; set; } = 30;

    /// <summary>Share by which the 95th percentile of a run may be higher than beside the earlier model.</summary>
    public double LatencyMoreMax { get; set; } = 0.25;

    /// <summary>Share by which an inference may take more energy.</summary>
    public double EnergyMoreMax { get; set; } = 0.2;

    /// <summary>By how much the mean confidence may be lower, 0 to 1.</summary>
    public double ConfidenceLessMax { get; set; } = 0.05;

    /// <summary>By how much the share of samples that fail may be higher, 0 to 1.</summary>
    public double ErrorsMoreMax { get; set; } = 0.02;

    /// <summary>Share by which fewer samples a minute may be answered.</summary>
    public double AnswersLessMax { get; set; } = 0.2;

    /// <summary>By how much further the mix of answers may move than it does beside the earlier model: Jensen-Shannon distance, 0 to 1.</summary>
    public double ClassMixMoreMax { get; set; } = 0.2;

    /// <summary>By how much further inputs and answers may move from the site's own baseline, in spreads of the feature.</summary>
    public double DriftMoreMax { get; set; } = 1;
}

/// <summary>A rollout in a list. <c>State</c>: planned, running, paused, holding, halted (over, no device has the
/// version), rolling-back, rolled-back, done, aborted, superseded.</summary>
public sealed record RolloutSummary(
    long Id,
    string Model,
    string Version,
    string Slot,
    string Selector,
    string State,
    DateTimeOffset Since,
    string Why,
    int Devices,
    int Committed,
    int Failed,
    string StartedBy,
    DateTimeOffset Started);

/// <summary>The four sentences that every decision has.</summary>
public sealed record Verdict(string Why, string Next, string When, string CanDo);

/// <summary>Everything about one rollout.</summary>
public sealed record RolloutDetail(
    RolloutSummary Rollout,
    Verdict Verdict,
    GateSettings Gate,
    IReadOnlyList<WaveSummary> Waves,
    IReadOnlyList<RolloutDeviceSummary> Devices,
    IReadOnlyList<RolloutDecisionSummary> Decisions)
{
    /// <summary>What the version has to show in shadow: the rollout's and the manifest's limits together; null where the rollout asks for none.</summary>
    public ShadowOrder? Shadow { get; init; }

    /// <summary>Live samples on which the version and the model before it disagreed, newest first, few of each device.</summary>
    public IReadOnlyList<DisagreementSummary> Disagreements { get; set; } = [];
}

/// <summary>Counts of one wave; each device is in exactly one.</summary>
public sealed record WaveSummary(
    int Number, int Size, string State, int Committed, int Probation, int UnderWay, int Rejected, int RolledBack, int Silent, int Offline, int Waiting);

/// <summary>One device of a rollout; <c>Shadow</c> is what it saw of the version beside the model that serves, null before and where it was not asked.</summary>
public sealed record RolloutDeviceSummary(string Device, int Wave, string State, DateTimeOffset? Since, string? Reason, string? Shadow = null);

/// <summary>A live sample on which a version in shadow and the model that serves disagreed.</summary>
/// <param name="Device">Device.</param>
/// <param name="At">When, by the device's clock; null where that lies beyond any calendar.</param>
/// <param name="Model">The model that serves, as <c>name@version</c>.</param>
/// <param name="Answer">What it said.</param>
/// <param name="Confidence">How sure, 0 to 1.</param>
/// <param name="CandidateAnswer">What the version in shadow said.</param>
/// <param name="CandidateConfidence">How sure, 0 to 1.</param>
/// <param name="Photo">SHA-256 of its photo, under <c>/api/blobs/</c>; null for sensors.</param>
/// <param name="Readings">The window of readings, thinned; null for images.</param>
public sealed record DisagreementSummary(
    string Device,
    DateTimeOffset? At,
    string Model,
    string Answer,
    double Confidence,
    string CandidateAnswer,
    double CandidateConfidence,
    string? Photo,
    IReadOnlyList<float>? Readings);

/// <summary>A stored decision.</summary>
public sealed record RolloutDecisionSummary(DateTimeOffset At, string Verb, string Sentence, string By);

/// <summary>Why a rollout went as it did: its plan, and every stored decision taken again from what it was taken from.</summary>
/// <param name="Rollout">Where it stands.</param>
/// <param name="Plan">For each wave what it can show against the gate, in a sentence.</param>
/// <param name="Decisions">Oldest first.</param>
public sealed record RolloutExplanation(RolloutSummary Rollout, IReadOnlyList<string> Plan, IReadOnlyList<ExplainedDecision> Decisions);

/// <summary>One stored decision.</summary>
/// <param name="At">When it was taken first.</param>
/// <param name="Until">When it was taken last.</param>
/// <param name="Wave">Wave it is about.</param>
/// <param name="Verb">What was decided.</param>
/// <param name="Verdict">Its four sentences.</param>
/// <param name="By">The rules' version, or the person.</param>
/// <param name="Same">True when the rules of now come to the same from the stored facts, false when they do not; null where a person decided.</param>
/// <param name="Now">What the rules of now say instead, when that is something else.</param>
/// <param name="Seen">What the rules saw, a line each.</param>
public sealed record ExplainedDecision(
    DateTimeOffset At, DateTimeOffset Until, int Wave, string Verb, Verdict Verdict, string By, bool? Same, string? Now, IReadOnlyList<string> Seen);
