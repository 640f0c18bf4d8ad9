using System.Text.Json;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>A slot as the device reported it last.</summary>
internal sealed class DeviceSlot
{
    /// <summary>Update state of a slot that was named but not reported yet.</summary>
    public const string NotReported = "unknown";

    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Slot.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>Update state by its name in the agent's state table, or <see cref="NotReported"/>.</summary>
    public string State { get; set; } = NotReported;

    /// <summary>Since when, Unix ms of the device; 0 if unknown.</summary>
    public long Since { get; set; }

    /// <summary>Package that serves, as <c>name@version</c>.</summary>
    public string? Active { get; set; }

    /// <summary>Digest of its manifest.</summary>
    public Sha256Digest? ActiveDigest { get; set; }

    /// <summary>Variant that runs.</summary>
    public string? Variant { get; set; }

    /// <summary>Package on its way in, or the last one that was refused or turned back.</summary>
    public string? Candidate { get; set; }

    /// <summary>Digest of its manifest.</summary>
    public Sha256Digest? CandidateDigest { get; set; }

    /// <summary>Package that stays ready for a return.</summary>
    public string? Previous { get; set; }

    /// <summary>Attempt that this state answers.</summary>
    public int Attempt { get; set; }

    /// <summary>Rollout that asked, 0 for none.</summary>
    public long Rollout { get; set; }

    /// <summary>Why the last update ended badly.</summary>
    public string? Reason { get; set; }

    /// <summary>How a rollout takes the failure.</summary>
    public FailureKind? Failure { get; set; }

    /// <summary>Share of the current step that is done, 0 to 1.</summary>
    public double? Progress { get; set; }

    /// <summary>Why the step that <see cref="State"/> names waits on the device; null when it does not.</summary>
    public string? Held { get; set; }

    /// <summary>What shadowing found of the version that runs or comes, in a sentence; null where it did not.</summary>
    public string? Shadow { get; set; }

    /// <summary>Drift as it was reported, JSON; null while there is none.</summary>
    public string? DriftJson { get; set; }

    /// <summary>Samples that the source gave since the epoch began.</summary>
    public long SamplesRead { get; set; }

    /// <summary>Samples dropped from a full queue.</summary>
    public long SamplesDropped { get; set; }

    /// <summary>Samples answered.</summary>
    public long SamplesAnswered { get; set; }

    /// <summary>Answered samples that failed.</summary>
    public long SamplesFailed { get; set; }

    /// <summary>Samples under way.</summary>
    public long SamplesWaiting { get; set; }

    /// <summary>When this state was received, Unix ms of this side.</summary>
    public long Received { get; set; }

    /// <summary>Takes a reported state over.</summary>
    public void Take(ReportedSlot reported, long received)
    {
        (State, Since, Received) = (reported.State, reported.Since, received);
        (Active, ActiveDigest, Variant) = (reported.Active?.Label, reported.Active?.Digest, reported.Variant);
        (Candidate, CandidateDigest, Previous) = (reported.Candidate?.Label, reported.Candidate?.Digest, reported.Previous?.Label);
        (Attempt, Rollout) = (reported.Attempt, reported.Rollout);
        (Reason, Failure, Progress, Held) = (reported.Reason, reported.Failure, reported.Progress, reported.Held);
        Shadow = reported.Shadow;
        DriftJson = reported.Drift is null ? null : JsonSerializer.Serialize(reported.Drift, WireJson.Default.DriftReport);
        // A frame passed over for an unchanged scene was left unanswered by choice: kept with the dropped ones, so that the books balance.
        (SamplesRead, SamplesDropped, SamplesWaiting) = (reported.Samples.Read, reported.Samples.Dropped + reported.Samples.Skipped, reported.Samples.Waiting);
        (SamplesAnswered, SamplesFailed) = (reported.Samples.Answered, reported.Samples.Failed);
    }
}

internal sealed class DeviceSlotConfiguration : IEntityTypeConfiguration<DeviceSlot>
{
    public void Configure(EntityTypeBuilder<DeviceSlot> builder)
    {
        builder.ToTable("DeviceSlots").HasKey(s => new { s.Device, s.Slot });
        builder.Property(s => s.Failure).HasConversion<string>();
        builder.HasIndex(s => s.Rollout);
    }
}
