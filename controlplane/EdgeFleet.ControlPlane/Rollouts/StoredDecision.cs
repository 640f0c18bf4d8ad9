using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>A decision as it was taken, with its inputs, so that it can be replayed. One that only waits or holds on is folded into the one before.</summary>
internal sealed class StoredDecision
{
    /// <summary>Number, in the order of time.</summary>
    public long Id { get; init; }

    /// <summary>Rollout.</summary>
    public required long RolloutId { get; init; }

    /// <summary>When it was taken first, Unix ms.</summary>
    public required long At { get; init; }

    /// <summary>When it was taken last, Unix ms.</summary>
    public required long Until { get; set; }

    /// <summary>Wave it is about.</summary>
    public required int Wave { get; init; }

    /// <summary><c>Advance</c>, <c>Wait</c>, <c>Hold</c>, <c>Halt</c>, <c>GoBack</c>, <c>Done</c>; by people <c>Start</c>, <c>Pause</c>, <c>Resume</c>, <c>Abort</c>, <c>Supersede</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The four sentences as a <see cref="Shared.Api.Verdict"/>.</summary>
    public required string Why { get; set; }

    /// <inheritdoc cref="Why"/>
    public required string Next { get; set; }

    /// <inheritdoc cref="Why"/>
    public required string When { get; set; }

    /// <inheritdoc cref="Why"/>
    public required string CanDo { get; set; }

    /// <summary>The rules' version, <c>rules 1</c>, or the person.</summary>
    public required string By { get; init; }

    /// <summary>What the rules saw, as JSON of <see cref="DecisionInputs"/>; null for a person's.</summary>
    public string? Inputs { get; set; }
}

internal sealed class StoredDecisionConfiguration : IEntityTypeConfiguration<StoredDecision>
{
    public void Configure(EntityTypeBuilder<StoredDecision> builder)
    {
        builder.ToTable("RolloutDecisions");
        builder.HasKey(d => d.Id);
        builder.Property(d => d.Id).ValueGeneratedOnAdd();
        builder.HasIndex(d => new { d.RolloutId, d.Id });
        builder.HasOne<Rollout>().WithMany().HasForeignKey(d => d.RolloutId).OnDelete(DeleteBehavior.Cascade);
    }
}
