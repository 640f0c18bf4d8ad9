using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>A board that asks to be let in and has nothing but its key to show. A person compares the key on both sides and decides.</summary>
internal sealed class EnrolmentAsk : IVersioned
{
    /// <summary>State: nobody has decided.</summary>
    public const string Waiting = "waiting";

    /// <summary>State: it may come in, and gets its certificate when it asks the next time.</summary>
    public const string Approved = "approved";

    /// <summary>State: it may not.</summary>
    public const string Refused = "refused";

    /// <summary>State: it is in.</summary>
    public const string Enrolled = "enrolled";

    /// <summary>Number, for people.</summary>
    public long Id { get; init; }

    /// <summary>SHA-256 of its public key (SubjectPublicKeyInfo).</summary>
    public required Sha256Digest Key { get; init; }

    /// <summary>Id that it wishes; may be empty.</summary>
    public string Wish { get; set; } = "";

    /// <summary>Board.</summary>
    public string Hardware { get; set; } = "";

    /// <summary>Address that it came from last.</summary>
    public string Address { get; set; } = "";

    /// <summary>True when it wants to take the wished id over from the device that has it.</summary>
    public bool Replaces { get; set; }

    /// <summary>When it asked first, Unix ms.</summary>
    public required long Asked { get; init; }

    /// <summary>When it asked last, Unix ms.</summary>
    public long LastAsked { get; set; }

    /// <summary>One of the states above.</summary>
    public string State { get; set; } = Waiting;

    /// <summary>Id that it gets; null as long as that is open.</summary>
    public DeviceId? Device { get; set; }

    /// <summary>Site that it gets.</summary>
    public string Site { get; set; } = "";

    /// <summary>Tags that it gets.</summary>
    public List<string> Tags { get; set; } = [];

    /// <summary>Who decided.</summary>
    public string? DecidedBy { get; set; }

    /// <summary>When, Unix ms.</summary>
    public long? Decided { get; set; }

    /// <summary>Why it was refused.</summary>
    public string? Reason { get; set; }

    /// <inheritdoc/>
    public long RowVersion { get; set; }
}

/// <summary>A public key that was listed before its board came: who holds the key may come in once, without asking anybody.</summary>
internal sealed class ListedKey
{
    /// <summary>SHA-256 of the public key (SubjectPublicKeyInfo).</summary>
    public required Sha256Digest Key { get; init; }

    /// <summary>Id that the board gets; empty leaves it to the board's wish.</summary>
    public string Name { get; init; } = "";

    /// <summary>Site that it gets.</summary>
    public string Site { get; init; } = "";

    /// <summary>Tags that it gets.</summary>
    public List<string> Tags { get; init; } = [];

    /// <summary>Who listed it.</summary>
    public required string AddedBy { get; init; }

    /// <summary>When, Unix ms.</summary>
    public required long Added { get; init; }

    /// <summary>Device that came in with it; null as long as none has.</summary>
    public DeviceId? UsedBy { get; init; }
}

internal sealed class EnrolmentAskConfiguration : IEntityTypeConfiguration<EnrolmentAsk>
{
    public void Configure(EntityTypeBuilder<EnrolmentAsk> builder)
    {
        builder.ToTable("EnrolmentAsks").HasKey(a => a.Id);
        builder.HasIndex(a => a.Key).IsUnique();
        builder.HasIndex(a => a.State);
    }
}

internal sealed class ListedKeyConfiguration : IEntityTypeConfiguration<ListedKey>
{
    public void Configure(EntityTypeBuilder<ListedKey> builder) => builder.ToTable("ListedKeys").HasKey(k => k.Key);
}
