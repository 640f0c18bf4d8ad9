using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>A <see cref="StreamLedger"/> in the database.</summary>
internal sealed class StreamCursor
{
    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>Epoch of the device's store.</summary>
    public required string Epoch { get; init; }

    /// <summary>Stream.</summary>
    public required string Stream { get; init; }

    /// <inheritdoc cref="StreamLedger.Acknowledged"/>
    public long Acknowledged { get; set; }

    /// <inheritdoc cref="StreamLedger.Stored"/>
    public long Stored { get; set; }

    /// <inheritdoc cref="StreamLedger.Stepped"/>
    public long Stepped { get; set; }

    /// <inheritdoc cref="StreamLedger.Pending"/>
    public string Pending { get; set; } = "";

    /// <inheritdoc cref="StreamLedger.SteppedRanges"/>
    public string SteppedRanges { get; set; } = "";

    /// <summary>When it moved last, Unix ms.</summary>
    public long At { get; set; }

    /// <summary>Compare-and-set: it is written only over the version that was read.</summary>
    public long RowVersion { get; set; }

    /// <summary>The ledger.</summary>
    public StreamLedger ToLedger() => new()
    {
        Acknowledged = Acknowledged,
        Stored = Stored,
        Stepped = Stepped,
        Pending = SeqRanges.Parse(Pending),
        SteppedRanges = SeqRanges.Parse(SteppedRanges),
        Version = RowVersion,
    };
}

internal sealed class StreamCursorConfiguration : IEntityTypeConfiguration<StreamCursor>
{
    public void Configure(EntityTypeBuilder<StreamCursor> builder) =>
        builder.ToTable("StreamCursors").HasKey(c => new { c.Device, c.Epoch, c.Stream });
}
