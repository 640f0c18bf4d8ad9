using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>A live sample on which a version in shadow and the model that serves disagreed, as its device sent it.</summary>
internal sealed class ShadowExample
{
    /// <summary>How many are kept of a rollout; those that come later are only in the events.</summary>
    public const int OfRolloutMax = 100;

    /// <summary>Key.</summary>
    public long Id { get; init; }

    /// <summary>Rollout.</summary>
    public required long RolloutId { get; init; }

    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>When, Unix ms of the device.</summary>
    public required long At { get; init; }

    /// <summary>The model that serves, as <c>name@version</c>.</summary>
    public required string Model { get; init; }

    /// <summary>What it said.</summary>
    public required string Answer { get; init; }

    /// <summary>How sure.</summary>
    public required double Confidence { get; init; }

    /// <summary>What the version in shadow said.</summary>
    public required string CandidateAnswer { get; init; }

    /// <summary>How sure.</summary>
    public required double CandidateConfidence { get; init; }

    /// <summary>Its photo, if it has one.</summary>
    public Sha256Digest? Photo { get; init; }

    /// <summary>Its readings, if it has some.</summary>
    public List<float>? Readings { get; init; }
}

internal sealed class ShadowExampleConfiguration : IEntityTypeConfiguration<ShadowExample>
{
    public void Configure(EntityTypeBuilder<ShadowExample> builder)
    {
        builder.ToTable("ShadowExamples");
        builder.HasKey(e => e.Id);
        builder.Property(e => e.Id).ValueGeneratedOnAdd();
        builder.HasIndex(e => e.RolloutId);
        builder.HasOne<Rollout>().WithMany().HasForeignKey(e => e.RolloutId).OnDelete(DeleteBehavior.Cascade);
    }
}
