using System.Text.Json.Serialization;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Shared.Messages;

/// <summary>What a device runs: one whole document, sent at each connection and after each change. The newest revision counts.</summary>
public sealed record ReportedState
{
    /// <summary>Major version of the message.</summary>
    public int V { get; set; } = 1;

    /// <summary>Epoch of the store that the revision belongs to.</summary>
    public required string Epoch { get; init; }

    /// <summary>Grows with every report of an epoch, across restarts.</summary>
    public required long Revision { get; init; }

    /// <summary>Device time, Unix ms.</summary>
    public required long At { get; init; }

    /// <summary>Version of the desired document that this state answers, 0 for none.</summary>
    public long DesiredVersion { get; init; }

    /// <summary>Why a newer desired document was refused, if it was.</summary>
    public string? DesiredError { get; init; }

    /// <summary>State of every slot.</summary>
    public IReadOnlyList<ReportedSlot> Slots { get; set; } = [];

    /// <summary>What is wrong on the device and what to do about it.</summary>
    public IReadOnlyList<HealthWarning> Warnings { get; set; } = [];

    /// <summary>Power and heat; null from agents that do not look at them.</summary>
    public ReportedPower? Power { get; init; }
}

/// <summary>One slot as the device reports it.</summary>
public sealed record ReportedSlot
{
    /// <summary>Name of the slot.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>Update state by its name in the state table: <c>Idle</c>, <c>Downloading</c> ... <c>RolledBack</c>.</summary>
    public required string State { get; init; }

    /// <summary>Since when, Unix ms of the device.</summary>
    public long Since { get; init; }

    /// <summary>Package that serves now.</summary>
    public PackageRef? Active { get; init; }

    /// <summary>Variant of it that runs, for example <c>cpu-int8</c>.</summary>
    public string? Variant { get; init; }

    /// <summary>Package on its way in, or the one that was last refused or turned back.</summary>
    public PackageRef? Candidate { get; init; }

    /// <summary>Package that stays ready for a return.</summary>
    public PackageRef? Previous { get; init; }

    /// <summary>Attempt number of the wish this state answers.</summary>
    public int Attempt { get; init; }

    /// <summary>Rollout that asked for it, 0 for none.</summary>
    public long Rollout { get; init; }

    /// <summary>Why the last update ended badly, for people; null when it did not.</summary>
    public string? Reason { get; init; }

    /// <summary>How a rollout must take the failure.</summary>
    public FailureKind? Failure { get; init; }

    /// <summary>Result of shadowing: <c>skipped</c> where the share is 0.</summary>
    public string? Shadow { get; init; }

    /// <summary>Share of the current step that is done, 0 to 1, while downloading.</summary>
    public double? Progress { get; init; }

    /// <summary>Why the step that the state names waits (heat, throttling, battery), for people; null when it does not. No failure.</summary>
    public string? Held { get; init; }

    /// <summary>Drift of its inputs and answers; null until a sample was answered.</summary>
    public DriftReport? Drift { get; init; }

    /// <summary>Samples since the agent's process began.</summary>
    public SampleCounts Samples { get; set; } = new();
}

/// <summary>Where every sample of a slot went since the agent's process began. <c>Read = Dropped + Skipped + Answered + Waiting</c>; anything missing was lost.</summary>
public sealed record SampleCounts
{
    /// <summary>Samples that the source gave.</summary>
    public long Read { get; init; }

    /// <summary>Oldest samples dropped from a full queue.</summary>
    public long Dropped { get; init; }

    /// <summary>Frames passed over because the scene had not changed; 0 unless the board's configuration asks for it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Skipped { get; set; }

    /// <summary>Samples answered by a model, failures included.</summary>
    public long Answered { get; init; }

    /// <summary>Answered samples for which preparing or running failed.</summary>
    public long Failed { get; init; }

    /// <summary>Samples in the queue or in a run now.</summary>
    public long Waiting { get; init; }

    /// <summary>Samples accepted and not accounted for. Must be 0.</summary>
    public long Unanswered => Read - Dropped - Skipped - Answered - Waiting;
}

/// <summary>How a rollout takes a failure of an update.</summary>
public enum FailureKind
{
    /// <summary>The package itself is wrong: golden set, signature, opset. Every device would refuse it.</summary>
    Deterministic,

    /// <summary>Disk, link, heat: the device's or the network's fault, never the model's.</summary>
    Local,

    /// <summary>Errors, latency or health after activation, or outside the limits in shadow: what live samples tell, judged over many devices.</summary>
    Statistical,
}

/// <summary>A named warning of a device: what is wrong and what to do.</summary>
public sealed record HealthWarning
{
    /// <summary>Stable name, for example <c>disk-full</c> or <c>source-stalled</c>.</summary>
    public required string Code { get; init; }

    /// <summary>Slot concerned, if it is one.</summary>
    public SlotName? Slot { get; init; }

    /// <summary>Since when, Unix ms of the device.</summary>
    public long Since { get; init; }

    /// <summary>What is wrong, in a sentence.</summary>
    public required string Text { get; init; }

    /// <summary>What a person can do.</summary>
    public required string Remedy { get; init; }
}
