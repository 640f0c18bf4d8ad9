using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>An event of a device, as it came, once.</summary>
internal sealed class EventRow
{
    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Epoch of the device's store.</summary>
    public required string Epoch { get; init; }

    /// <summary>Number in the stream.</summary>
    public required long Seq { get; init; }

    /// <summary>Device time, Unix ms.</summary>
    public required long At { get; init; }

    /// <summary>Slot.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>Type.</summary>
    public required string Type { get; init; }

    /// <summary>The event, JSON.</summary>
    public required string Body { get; init; }

    /// <summary>When it was taken in, Unix ms of this side.</summary>
    public required long Received { get; init; }
}

internal sealed class EventRowConfiguration : IEntityTypeConfiguration<EventRow>
{
    public void Configure(EntityTypeBuilder<EventRow> builder)
    {
        builder.ToTable("Events").HasKey(e => new { e.Device, e.Epoch, e.Seq });
        builder.HasIndex(e => e.Received);
    }
}
