using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>Something that happened to a device, for people.</summary>
internal sealed class DeviceHistory
{
    /// <summary>Number.</summary>
    public long Id { get; init; }

    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>When, Unix ms.</summary>
    public required long At { get; init; }

    /// <summary>What, in a word: <c>enrolled</c>, <c>connected</c>, <c>update</c>, <c>gap</c>, <c>desired</c>, <c>epoch</c>.</summary>
    public required string What { get; init; }

    /// <summary>A sentence.</summary>
    public required string Text { get; init; }
}

internal sealed class DeviceHistoryConfiguration : IEntityTypeConfiguration<DeviceHistory>
{
    public void Configure(EntityTypeBuilder<DeviceHistory> builder)
    {
        builder.ToTable("DeviceHistory").HasKey(h => h.Id);
        builder.HasIndex(h => new { h.Device, h.At });
    }
}
