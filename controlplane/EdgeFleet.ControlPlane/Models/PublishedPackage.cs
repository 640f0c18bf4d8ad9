using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>A published version of a model. Its files lie in <see cref="PackageFiles"/> under their digests; the manifest stands here too.</summary>
internal sealed class PublishedPackage
{
    /// <summary>Key.</summary>
    public long Id { get; init; }

    /// <summary>Name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Version; one digest for ever.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of the manifest.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>Bytes of the manifest.</summary>
    public required long ManifestSize { get; init; }

    /// <summary>Bytes of all files.</summary>
    public required long Size { get; init; }

    /// <summary>Whether it may go out.</summary>
    public required PackageState State { get; set; }

    /// <summary>Why it is unproven or withdrawn.</summary>
    public string? Reason { get; set; }

    /// <summary>When it was published, Unix ms.</summary>
    public required long Published { get; init; }

    /// <summary>Who published it.</summary>
    public required string PublishedBy { get; init; }

    /// <summary>The manifest as it was pushed.</summary>
    public required string Manifest { get; init; }

    /// <summary>What the server's own check gave for each variant: a <c>VariantSummary</c> list as JSON.</summary>
    public required string Variants { get; init; }

    /// <summary>How desired documents name it.</summary>
    public PackageRef Ref => new() { Name = Name, Version = Version, Digest = Digest, Size = ManifestSize };
}

/// <summary>Whether a package may go out.</summary>
internal enum PackageState
{
    /// <summary>To every device.</summary>
    Released,

    /// <summary>Only to devices tagged <c>lab</c>: it failed the check and an admin kept it.</summary>
    Unproven,

    /// <summary>To none.</summary>
    Withdrawn,
}

internal sealed class PublishedPackageConfiguration : IEntityTypeConfiguration<PublishedPackage>
{
    public void Configure(EntityTypeBuilder<PublishedPackage> builder)
    {
        builder.ToTable("Packages");
        builder.HasKey(p => p.Id);
        builder.Property(p => p.Id).ValueGeneratedOnAdd();
        builder.Property(p => p.State).HasConversion<string>().HasMaxLength(16);
        builder.Ignore(p => p.Ref);
        builder.HasIndex(p => new { p.Name, p.Version }).IsUnique();
        builder.HasIndex(p => p.Digest).IsUnique();
    }
}
