using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>One device of a rollout: the wave it is in, what it ran before, and what it last reported about this rollout. Times are Unix ms of the server.</summary>
internal sealed class RolloutDevice
{
    /// <summary>Rollout.</summary>
    public required long RolloutId { get; init; }

    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Wave, from 1.</summary>
    public required int Wave { get; init; }

    /// <summary>When its wave was started; null before.</summary>
    public long? WaveStarted { get; set; }

    /// <summary>Attempt that is asked for; grows when a local failure is tried again.</summary>
    public required int Attempt { get; set; }

    /// <summary>Local failures that were tried again.</summary>
    public int Retries { get; set; }

    /// <summary>When it was first prepared to be told: from then on <see cref="PreviousDigest"/> is fixed, whatever happens to the wish.</summary>
    public long? Prepared { get; set; }

    /// <summary>When the wish for <see cref="Attempt"/> stood in its desired document.</summary>
    public long? Told { get; set; }

    /// <summary>What it has made of the wish.</summary>
    public Progress Progress { get; set; }

    /// <summary>When <see cref="Progress"/> last changed.</summary>
    public long? Changed { get; set; }

    /// <summary>How its failure is taken.</summary>
    public FailureKind? Failure { get; set; }

    /// <summary>Why it failed, as the device says it.</summary>
    public string? Reason { get; set; }

    /// <summary>Whether it has gone back after a halt.</summary>
    public Return Return { get; set; }

    /// <summary>Package that served before, to go back to; null where none did, or none that is published here.</summary>
    public Sha256Digest? PreviousDigest { get; set; }

    /// <summary>Attempt by which the device took it.</summary>
    public int PreviousAttempt { get; set; } = 1;
}

/// <summary>What a device has made of the wish, from its own reports. Only what it said last counts.</summary>
internal enum Progress
{
    /// <summary>It has said nothing about the wish.</summary>
    None,

    /// <summary>It downloads, verifies, rehearses or activates.</summary>
    UnderWay,

    /// <summary>The package serves and is watched.</summary>
    Probation,

    /// <summary>The package serves and is kept.</summary>
    Committed,

    /// <summary>Refused before it served.</summary>
    Rejected,

    /// <summary>It served and was turned back, or could not even be turned back.</summary>
    RolledBack,
}

/// <summary>The way back of a device after a halt.</summary>
internal enum Return
{
    /// <summary>It was not asked to.</summary>
    None,

    /// <summary>It did not have the package: what is wanted of it was set back to what it runs.</summary>
    SetBack,

    /// <summary>It has the package, is asked to go back, and has not reported the earlier one.</summary>
    Asked,

    /// <summary>It runs the earlier package again.</summary>
    Returned,

    /// <summary>It ran nothing before, so it keeps the package.</summary>
    Keeps,

    /// <summary>A newer rollout holds the slot and decides what it runs.</summary>
    TakenOver,
}

internal sealed class RolloutDeviceConfiguration : IEntityTypeConfiguration<RolloutDevice>
{
    public void Configure(EntityTypeBuilder<RolloutDevice> builder)
    {
        builder.ToTable("RolloutDevices");
        builder.HasKey(d => new { d.RolloutId, d.Device });
        builder.Property(d => d.Progress).HasConversion<string>().HasMaxLength(16);
        builder.Property(d => d.Return).HasConversion<string>().HasMaxLength(16);
        builder.Property(d => d.Failure).HasConversion<string>().HasMaxLength(16);
        builder.HasIndex(d => d.Device);
        builder.HasOne<Rollout>().WithMany().HasForeignKey(d => d.RolloutId).OnDelete(DeleteBehavior.Cascade);
    }
}
