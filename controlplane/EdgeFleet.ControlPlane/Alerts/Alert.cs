using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>What staff see: every raise of one rule on one slot of one device, from the first until a person has finished it. The next raise begins another.</summary>
internal sealed class Alert : IVersioned
{
    public long Id { get; set; }

    public required DeviceId Device { get; init; }

    public required SlotName Slot { get; init; }

    public required string Rule { get; init; }

    public required string Label { get; set; }

    /// <summary><c>critical</c>, <c>warning</c> or <c>info</c>, as last raised.</summary>
    public required string Severity { get; set; }

    /// <summary>See <see cref="AlertState"/>.</summary>
    public string State { get; set; } = AlertState.Open;

    /// <summary>True while the rule holds on the device.</summary>
    public bool Raised { get; set; }

    /// <summary>First raise, Unix ms of the device.</summary>
    public long First { get; set; }

    /// <summary>Last change, Unix ms of the device.</summary>
    public long Last { get; set; }

    /// <summary>How often it was raised.</summary>
    public int Times { get; set; }

    public int Seen { get; set; }

    public int Of { get; set; }

    public double Confidence { get; set; }

    public required string Model { get; set; }

    /// <summary>Photo of the newest raise that had one.</summary>
    public Sha256Digest? Photo { get; set; }

    /// <summary>What that photo shows and where, as JSON; null for one without boxes.</summary>
    public string? BoxesJson { get; set; }

    /// <summary>Anomaly score of the newest raise.</summary>
    public double? Score { get; set; }

    /// <summary>Readings of the newest raise that had them.</summary>
    public List<float>? Readings { get; set; }

    /// <summary>Grows over all alerts; who asks "what changed since" gives the last one seen.</summary>
    public long Revision { get; set; }

    public List<AlertAction> Actions { get; init; } = [];

    public long RowVersion { get; set; }
}

/// <summary>The states of an alert.</summary>
internal static class AlertState
{
    public const string Open = "open";
    public const string Acknowledged = "acknowledged";
    public const string Resolved = "resolved";
}

internal sealed class AlertConfiguration : IEntityTypeConfiguration<Alert>
{
    public void Configure(EntityTypeBuilder<Alert> builder)
    {
        builder.ToTable("Alerts");
        builder.HasIndex(a => new { a.Device, a.Slot, a.Rule }).IsUnique().HasFilter($"\"State\" <> '{AlertState.Resolved}'");
        builder.HasIndex(a => a.Revision);
        builder.HasMany(a => a.Actions).WithOne().HasForeignKey(a => a.AlertId);
    }
}
