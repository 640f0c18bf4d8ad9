using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Keeps who did what. Commands write to it for every change that a person makes.</summary>
internal interface IAuditLog
{
    /// <summary>Appends an entry after the change was made.</summary>
    /// <param name="who">Name of the account.</param>
    /// <param name="what">Verb in the form <c>rollout.pause</c>.</param>
    /// <param name="target">What it was done to, for example <c>rollout 17</c>.</param>
    /// <param name="detail">More, for people; no secrets.</param>
    /// <param name="cancel">Stops waiting; the entry may then be missing.</param>
    Task RecordAsync(string who, string what, string target, string? detail, CancellationToken cancel);

    /// <summary>Reads the whole chain and says whether it is unbroken.</summary>
    Task<AuditVerdict> VerifyAsync(CancellationToken cancel);

    /// <summary>Entries after a number, in their order.</summary>
    Task<IReadOnlyList<AuditRecord>> ListAsync(long after, int most, CancellationToken cancel);

    /// <summary>Where it ends now.</summary>
    Task<AuditHead> HeadAsync(CancellationToken cancel);
}

/// <summary>Whether the chain of the audit log is whole.</summary>
internal abstract record AuditVerdict
{
    /// <summary>Every entry holds the hash of the one before.</summary>
    public sealed record Whole(long Entries) : AuditVerdict;

    /// <summary>The first entry that does not fit, and why.</summary>
    public sealed record Broken(long Entry, string Reason) : AuditVerdict;
}
