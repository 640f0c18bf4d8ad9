using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>A message that could not be taken, put aside with the reason.</summary>
internal sealed class DeadLetter
{
    /// <summary>Bytes kept of a message.</summary>
    public const int BodyBytesMax = 4096;

    /// <summary>Number.</summary>
    public long Id { get; init; }

    /// <summary>Device that sent it.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Topic.</summary>
    public required string Topic { get; init; }

    /// <summary>Why it was not taken.</summary>
    public required string Reason { get; init; }

    /// <summary>Its first bytes.</summary>
    public required byte[] Body { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required int Length { get; init; }

    /// <summary>When, Unix ms.</summary>
    public required long At { get; init; }
}

internal sealed class DeadLetterConfiguration : IEntityTypeConfiguration<DeadLetter>
{
    public void Configure(EntityTypeBuilder<DeadLetter> builder)
    {
        builder.ToTable("DeadLetters").HasKey(d => d.Id);
        builder.HasIndex(d => d.Device);
    }
}
