using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Leave for a number of boards to enrol, until a time. The token itself is shown once and kept nowhere.</summary>
internal sealed class EnrolmentToken
{
    /// <summary>Number, for people.</summary>
    public long Id { get; init; }

    /// <summary>SHA-256 of the token.</summary>
    public required Sha256Digest Hash { get; init; }

    /// <summary>How many more boards may enrol. Only taken down, by compare-and-set.</summary>
    public required int UsesLeft { get; init; }

    /// <summary>How many boards it was made for.</summary>
    public int Uses { get; init; }

    /// <summary>End, Unix ms; brought forward when it is withdrawn.</summary>
    public required long Expires { get; init; }

    /// <summary>Who withdrew it; null while nobody has.</summary>
    public string? WithdrawnBy { get; init; }

    /// <summary>Site that its devices get; empty for none.</summary>
    public string Site { get; init; } = "";

    /// <summary>Tags that its devices get.</summary>
    public List<string> Tags { get; init; } = [];

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it was made, Unix ms.</summary>
    public required long Created { get; init; }
}

internal sealed class EnrolmentTokenConfiguration : IEntityTypeConfiguration<EnrolmentToken>
{
    public void Configure(EntityTypeBuilder<EnrolmentToken> builder)
    {
        builder.ToTable("EnrolmentTokens").HasKey(t => t.Id);
        builder.HasIndex(t => t.Hash).IsUnique();
    }
}
