using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>A device that is enrolled: who it is, what it said last. Enrolment makes it; hello, presence and reported state change it.</summary>
internal sealed class Device : IVersioned
{
    /// <summary>Id; the CN of its certificate.</summary>
    public required DeviceId Id { get; init; }

    /// <summary>Place by which people group devices; empty if none was given.</summary>
    public string Site { get; set; } = "";

    /// <summary>Tags that people or the enrolment token gave.</summary>
    public List<string> Tags { get; set; } = [];

    /// <summary>Board, for example <c>orin-nano</c>.</summary>
    public string Hardware { get; set; } = "";

    /// <summary>Agent version, from the last hello.</summary>
    public string Agent { get; set; } = "";

    /// <summary>Operating system, from the last hello.</summary>
    public string Os { get; set; } = "";

    /// <summary><c>x64</c> or <c>arm64</c>, from the last hello.</summary>
    public string Arch { get; set; } = "";

    /// <summary>Epoch of the device's store, from the last hello; null before the first.</summary>
    public string? Epoch { get; set; }

    /// <summary>Boot id, from the last hello.</summary>
    public string Boot { get; set; } = "";

    /// <summary>Connection number of the newest hello of this epoch.</summary>
    public long Session { get; set; }

    /// <summary>How far the device's clock is to be trusted: <c>ntp</c>, <c>rtc</c> or <c>none</c>.</summary>
    public string Clock { get; set; } = "none";

    /// <summary>Version of the desired document that the device holds.</summary>
    public long HeldDesiredVersion { get; set; }

    /// <summary>Why the device refused a newer desired document; null if it did not.</summary>
    public string? DesiredError { get; set; }

    /// <summary>Epoch of the last reported state.</summary>
    public string? ReportedEpoch { get; set; }

    /// <summary>Revision of the last reported state.</summary>
    public long ReportedRevision { get; set; }

    /// <summary>Last presence: <c>ready</c>, <c>sleeping</c>, <c>off</c>, <c>lost</c>; empty before the first hello.</summary>
    public string Presence { get; set; } = "";

    /// <summary>When that presence came, Unix ms of this side.</summary>
    public long PresenceAt { get; set; }

    /// <summary>When anything was last heard, Unix ms of this side; 0 for never.</summary>
    public long LastHeard { get; set; }

    /// <summary>When it was enrolled, Unix ms.</summary>
    public long Enrolled { get; set; }

    /// <summary>Serial number of its certificate, hexadecimal.</summary>
    public string CertificateSerial { get; set; } = "";

    /// <summary>End of its certificate, Unix ms; null before there is one.</summary>
    public long? CertificateEnds { get; set; }

    /// <summary>When it was shut out, Unix ms; null while it is welcome.</summary>
    public long? Revoked { get; set; }

    /// <summary>Why it was shut out, and by whom.</summary>
    public string? RevokedReason { get; set; }

    /// <summary>When it was retired, Unix ms: shut out, and out of the lists; its history stays. Null while it serves.</summary>
    public long? Retired { get; set; }

    /// <summary>Since when it is in quarantine, Unix ms; null while it is not.</summary>
    public long? Quarantined { get; set; }

    /// <summary>Why it is in quarantine and what to do.</summary>
    public string? QuarantineReason { get; set; }

    /// <summary>True when two boards came with this device's identity; such a device is never taken over from a connection that stands.</summary>
    public bool IsCloned { get; set; }

    /// <summary>The last hellos, JSON: by them two boards with one identity are told apart.</summary>
    public string RecentHellos { get; set; } = "[]";

    /// <summary>Number of its last command: the highest that was signed here or that the device holds.</summary>
    public long CommandNumber { get; set; }

    /// <summary>Name for people; the id stays.</summary>
    public string Title { get; set; } = "";

    /// <summary>Warnings of the last reported state, JSON.</summary>
    public string WarningsJson { get; set; } = "[]";

    /// <summary>Power and heat of the last reported state, JSON; null when it had none.</summary>
    public string? PowerJson { get; set; }

    /// <summary>Slots.</summary>
    public List<DeviceSlot> Slots { get; init; } = [];

    /// <inheritdoc/>
    public long RowVersion { get; set; }
}

internal sealed class DeviceConfiguration : IEntityTypeConfiguration<Device>
{
    public void Configure(EntityTypeBuilder<Device> builder)
    {
        builder.ToTable("Devices").HasKey(d => d.Id);
        builder.Property(d => d.Id).ValueGeneratedNever();
        builder.HasIndex(d => d.Site);
        builder.HasMany(d => d.Slots).WithOne().HasForeignKey(s => s.Device);
    }
}
