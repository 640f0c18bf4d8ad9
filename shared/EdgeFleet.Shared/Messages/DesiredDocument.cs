using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Shared.Messages;

/// <summary>
/// What the control plane wants of one device: one whole document, inside a signed <see cref="Envelope"/>, with a version that only grows.
/// A duplicated, reordered, stale or replayed document changes nothing. It carries no expiry, because clocks on boards lie.
/// </summary>
public sealed record DesiredDocument
{
    /// <summary>Payload type in the envelope.</summary>
    public const string PayloadType = "application/vnd.edgefleet.desired+json";

    /// <summary>Major version of the message.</summary>
    public int V { get; set; } = 1;

    /// <summary>Device it is for; any other refuses it.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Grows with every change.</summary>
    public required long Version { get; init; }

    /// <summary>Wishes, one a slot. A slot that is not named keeps what it runs.</summary>
    public IReadOnlyList<DesiredSlot> Slots { get; set; } = [];

    /// <summary>Keys that may sign the next documents, so that keys rotate in band. Empty: as before.</summary>
    public IReadOnlyList<PublicKey> Keys { get; set; } = [];
}

/// <summary>The wish for one slot.</summary>
public sealed record DesiredSlot
{
    /// <summary>Slot.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>Package that shall run.</summary>
    public required PackageRef Package { get; init; }

    /// <summary>A package that was refused is tried again only for a higher attempt.</summary>
    public int Attempt { get; set; } = 1;

    /// <summary>Rollout that asks, 0 for none.</summary>
    public long Rollout { get; init; }

    /// <summary>What the package has to show beside the model that serves before it serves; null leaves it to the slot's settings.</summary>
    public ShadowOrder? Shadow { get; init; }

    /// <summary>Rates and thresholds within the bounds of board and manifest; null keeps the defaults.</summary>
    public SlotSettings? Settings { get; init; }
}

/// <summary>What may be tuned from afar, within the bounds of board and manifest.</summary>
public sealed record SlotSettings
{
    /// <summary>Samples a second.</summary>
    public double? SamplesPerSecond { get; init; }

    /// <summary>Confidence from which an answer counts for alerts, 0 to 1.</summary>
    public double? ConfidenceMin { get; init; }

    /// <summary>Share of live samples that a candidate answers beside the model that serves, 0 to 1; 0 leaves shadowing out.</summary>
    public double? ShadowShare { get; init; }

    /// <summary>Anomaly score from which a sample counts for alerts.</summary>
    public double? ScoreThreshold { get; init; }
}
