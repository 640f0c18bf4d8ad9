using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>A certificate that was issued to a device, for which key and by what leave.</summary>
internal sealed class IssuedCertificate
{
    /// <summary>Serial number, hexadecimal.</summary>
    public required string Serial { get; init; }

    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>SHA-256 of the device's public key (SubjectPublicKeyInfo).</summary>
    public required Sha256Digest Key { get; init; }

    /// <summary>Token that it was issued for; 0 for none.</summary>
    public long Token { get; init; }

    /// <summary>By what leave: <c>token</c>, <c>key</c>, <c>approval</c>, <c>renewal</c>, or <c>learned</c> when it was issued before this database was restored.</summary>
    public string Via { get; init; } = "token";

    /// <summary>When it was issued, Unix ms.</summary>
    public required long Issued { get; init; }

    /// <summary>End, Unix ms.</summary>
    public required long Ends { get; init; }

    /// <summary>When it stopped to count before its end, Unix ms; null while it counts.</summary>
    public long? Revoked { get; set; }

    /// <summary>Why it stopped.</summary>
    public string? RevokedReason { get; set; }
}

internal sealed class IssuedCertificateConfiguration : IEntityTypeConfiguration<IssuedCertificate>
{
    public void Configure(EntityTypeBuilder<IssuedCertificate> builder)
    {
        builder.ToTable("IssuedCertificates").HasKey(c => c.Serial);
        builder.HasIndex(c => new { c.Token, c.Key });
        builder.HasIndex(c => c.Key);
        builder.HasIndex(c => c.Device);
    }
}
