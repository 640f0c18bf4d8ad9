namespace EdgeFleet.Shared.Api;

/// <summary>Body of <c>POST /api/rollouts</c>. Left out parts get the default plan.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Version">Version that shall run.</param>
/// <param name="Slot">Slot it is for; by default the model's name.</param>
/// <param name="Selector">Which devices: <c>all</c>, or conditions joined by <c>and</c>: <c>site=luzon and tag=lab and hw=orin-nano</c>, <c>device=a,b</c>.</param>
/// <param name="Waves">Cumulative shares of the devices, 0 to 1, growing, the last 1.</param>
/// <param name="Gate">Conditions to leave a wave.</param>
/// <param name="Attempt">A package that devices refused before is tried again only for a higher attempt.</param>
public sealed record RolloutRequest(
    string Model,
    string Version,
    string? Slot = null,
    string Selector = "all",
    IReadOnlyList<double>? Waves = null,
    GateSettings? Gate = null,
    int Attempt = 1);

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
    IReadOnlyList<RolloutDecisionSummary> Decisions);

/// <summary>Counts of one wave; each device is in exactly one.</summary>
public sealed record WaveSummary(
    int Number, int Size, string State, int Committed, int Probation, int UnderWay, int Rejected, int RolledBack, int Silent, int Offline, int Waiting);

/// <summary>One device of a rollout.</summary>
public sealed record RolloutDeviceSummary(string Device, int Wave, string State, DateTimeOffset? Since, string? Reason);

/// <summary>A stored decision.</summary>
public sealed record RolloutDecisionSummary(DateTimeOffset At, string Verb, string Sentence, string By);
