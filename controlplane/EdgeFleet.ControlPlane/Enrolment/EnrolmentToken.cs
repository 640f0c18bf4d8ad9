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

    /// <summary>End, Unix ms.</summary>
    public required long Expires { get; init; }

    /// <summary>Site that its devices get; empty for none.</summary>
    public string Site { get; init; } = "";

    /// <summary>Tags that its devices get.</summary>
    public List<string> Tags { get; init; } = [];

    /// <summary>Who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it was made, Unix ms.</summary>
    public required long Created { get; init; }
}

/// <summary>A certificate that was issued to a device, for which key and by which token.</summary>
internal sealed class IssuedCertificate
{
    /// <summary>Serial number, hexadecimal.</summary>
    public required string Serial { get; init; }

    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>SHA-256 of the device's public key (SubjectPublicKeyInfo).</summary>
    public required Sha256Digest Key { get; init; }

    /// <summary>Token that it was issued for.</summary>
    public required long Token { get; init; }

    /// <summary>When it was issued, Unix ms.</summary>
    public required long Issued { get; init; }

    /// <summary>End, Unix ms.</summary>
    public required long Ends { get; init; }
}

internal sealed class EnrolmentTokenConfiguration : IEntityTypeConfiguration<EnrolmentToken>
{
    public void Configure(EntityTypeBuilder<EnrolmentToken> builder)
    {
        builder.ToTable("EnrolmentTokens").HasKey(t => t.Id);
        builder.HasIndex(t => t.Hash).IsUnique();
    }
}

internal sealed class IssuedCertificateConfiguration : IEntityTypeConfiguration<IssuedCertificate>
{
    public void Configure(EntityTypeBuilder<IssuedCertificate> builder)
    {
        builder.ToTable("IssuedCertificates").HasKey(c => c.Serial);
        builder.HasIndex(c => new { c.Token, c.Key });
        builder.HasIndex(c => c.Device);
    }
}
