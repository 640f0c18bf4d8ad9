using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.DeviceCommands;

/// <summary>A command to a device, from the wish of a person to the device's answer.</summary>
internal sealed class CommandEntry : IVersioned
{
    /// <summary>State: a second person has to approve it.</summary>
    public const string NeedsApproval = "needs approval";

    /// <summary>State: signed; the device gets it as soon as it is connected.</summary>
    public const string Waiting = "waiting";

    /// <summary>State: the device has taken it.</summary>
    public const string Done = "done";

    /// <summary>State: the device did not take it.</summary>
    public const string Refused = "refused";

    /// <summary>State: taken back before the device had it.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>Id, 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Device.</summary>
    public required DeviceId Device { get; init; }

    /// <summary>What it shall do.</summary>
    public required string Kind { get; init; }

    /// <summary>Why, in the words of who asked.</summary>
    public string Reason { get; init; } = "";

    /// <summary>One of the states above.</summary>
    public required string State { get; set; }

    /// <summary>Number among the device's commands; 0 before it is signed.</summary>
    public long Number { get; set; }

    /// <summary>The signed envelope, JSON; empty before it is signed.</summary>
    public string Envelope { get; set; } = "";

    /// <summary>Who asked.</summary>
    public required string AskedBy { get; init; }

    /// <summary>When, Unix ms.</summary>
    public required long Asked { get; init; }

    /// <summary>Second person; null where none is needed, or none has approved.</summary>
    public string? ApprovedBy { get; set; }

    /// <summary>When it ended, Unix ms.</summary>
    public long? Ended { get; set; }

    /// <summary>What the device answered, or who withdrew it.</summary>
    public string? Answer { get; set; }

    /// <inheritdoc/>
    public long RowVersion { get; set; }
}

internal sealed class CommandEntryConfiguration : IEntityTypeConfiguration<CommandEntry>
{
    public void Configure(EntityTypeBuilder<CommandEntry> builder)
    {
        builder.ToTable("Commands").HasKey(c => c.Id);
        builder.HasIndex(c => new { c.Device, c.Asked });
        builder.HasIndex(c => c.State);
    }
}
