using EdgeFleet.Shared.Api;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>One thing that a person did. Each entry holds the hash of the one before, so that none can be changed or taken out unseen.</summary>
internal sealed class AuditEntry
{
    /// <summary>1, 2, 3 ... without a gap; given by the log, not by the database.</summary>
    public required long Id { get; init; }

    /// <summary>Unix ms.</summary>
    public required long At { get; init; }

    public required string Who { get; init; }

    /// <summary>A verb and its object, for example <c>rollout.pause</c>.</summary>
    public required string What { get; init; }

    /// <summary>What it was done to, for example <c>rollout 17</c>.</summary>
    public required string Target { get; init; }

    public string? Detail { get; init; }

    /// <summary>Hash of the entry before; 64 zeros for the first.</summary>
    public required string Before { get; init; }

    public string Hash { get; set; } = "";

    /// <summary>The hash that it must have.</summary>
    public string ComputeHash() => AuditRecord.HashOf(Id, At, Who, What, Target, Detail, Before);

    /// <summary>As the API gives it.</summary>
    public AuditRecord ToRecord() => new(Id, At, Who, What, Target, Detail, Before, Hash);
}

internal sealed class AuditEntryConfiguration : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> builder)
    {
        builder.ToTable("Audit");
        builder.Property(a => a.Id).ValueGeneratedNever();
    }
}
