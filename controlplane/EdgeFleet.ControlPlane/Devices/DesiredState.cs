using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>The signed document that stands for a device.</summary>
internal sealed class DesiredState : IVersioned
{
    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Version of the document; only grows.</summary>
    public long Version { get; set; }

    /// <summary>The envelope, JSON.</summary>
    public string Envelope { get; set; } = "";

    /// <summary>When it was signed, Unix ms.</summary>
    public long At { get; set; }

    /// <inheritdoc/>
    public long RowVersion { get; set; }
}

/// <summary>The wish for one slot of a device.</summary>
internal sealed class DesiredWish
{
    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Slot.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>Rollout that holds the slot, the newest that asked; an older one changes nothing any more.</summary>
    public long Rollout { get; set; }

    /// <summary>Package as <c>name@version</c>; null when the wish was withdrawn.</summary>
    public string? Package { get; set; }

    /// <summary>The <see cref="Shared.Messages.DesiredSlot"/>, JSON; null when the wish was withdrawn.</summary>
    public string? Wish { get; set; }

    /// <summary>When it changed last, Unix ms.</summary>
    public long At { get; set; }
}

internal sealed class DesiredStateConfiguration : IEntityTypeConfiguration<DesiredState>
{
    public void Configure(EntityTypeBuilder<DesiredState> builder) => builder.ToTable("DesiredStates").HasKey(s => s.Device);
}

internal sealed class DesiredWishConfiguration : IEntityTypeConfiguration<DesiredWish>
{
    public void Configure(EntityTypeBuilder<DesiredWish> builder)
    {
        builder.ToTable("DesiredWishes").HasKey(w => new { w.Device, w.Slot });
        builder.HasIndex(w => w.Rollout);
    }
}
