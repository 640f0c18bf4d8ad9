namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>What is wrong with a repository, so that a report can name the attack.</summary>
public enum TufFault
{
    /// <summary>Not JSON, or not the fields that TUF asks for.</summary>
    Malformed,

    /// <summary>Fewer keys signed than the role asks for.</summary>
    Unsigned,

    /// <summary>An older version than one that was already trusted.</summary>
    Rollback,

    /// <summary>Out of date when the refresh began: an attacker may be holding newer metadata back.</summary>
    Expired,

    /// <summary>Another version, length or hash than the role above it lists.</summary>
    Mismatch,

    /// <summary>The repository does not have what its metadata names.</summary>
    Missing,

    /// <summary>More bytes than are allowed.</summary>
    TooLong,
}

/// <summary>A repository, or the metadata kept here, that cannot be trusted. What was trusted before stays as it was.</summary>
/// <param name="fault">Kind of fault.</param>
/// <param name="role">Role whose document is at fault.</param>
/// <param name="reason">A sentence for people.</param>
public sealed class TufException(TufFault fault, string role, string reason) : Exception($"{role}: {reason}")
{
    /// <summary>Kind of fault.</summary>
    public TufFault Fault { get; } = fault;

    /// <summary>Role whose document is at fault.</summary>
    public string Role { get; } = role;
}
