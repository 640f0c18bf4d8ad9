namespace EdgeFleet.Shared.Api;

/// <summary>Body of <c>POST /api/enrolment-tokens</c>.</summary>
public sealed record EnrolmentTokenRequest(string? Site = null, IReadOnlyList<string>? Tags = null, int Uses = 1, double ExpiresHours = 24);

/// <summary>A ticket to carry to a board, shown once.</summary>
public sealed record EnrolmentTokenResponse(long Id, string Ticket, DateTimeOffset Expires, int Uses, string Command);

/// <summary>A token as it stands; the token itself is kept nowhere.</summary>
public sealed record EnrolmentTokenSummary(
    long Id, string Site, IReadOnlyList<string> Tags, int Uses, int UsesLeft, DateTimeOffset Expires, string CreatedBy, DateTimeOffset Created, string? WithdrawnBy);

/// <summary>Answer of <c>GET /api/enrolment-ticket</c>: a ticket without a token, for boards whose key is listed or that ask to be approved. No secret.</summary>
public sealed record OpenTicket(string Ticket, string Command);

/// <summary>A board that asks to be let in. <c>State</c>: waiting, approved, refused, enrolled. <c>Key</c> is the SHA-256 of its public key, which the board shows too.</summary>
public sealed record EnrolmentAskSummary(
    long Id,
    string Key,
    string Wish,
    string Hardware,
    string Address,
    string State,
    bool Replaces,
    DateTimeOffset Asked,
    DateTimeOffset LastAsked,
    string? Device,
    string? DecidedBy,
    string? Reason);

/// <summary>Body of <c>POST /api/enrolment-asks/{id}/approve</c>.</summary>
/// <param name="Name">Id that it gets; null takes its wish.</param>
/// <param name="Site">Site that it gets.</param>
/// <param name="Tags">Tags that it gets.</param>
public sealed record EnrolmentApproval(string? Name = null, string? Site = null, IReadOnlyList<string>? Tags = null);

/// <summary>A public key that is listed in advance: the board that holds it may come in once.</summary>
/// <param name="Key">SHA-256 of the public key, as <c>edgefleet-agent key</c> prints it.</param>
/// <param name="Name">Id that the board gets; null leaves it to its wish.</param>
/// <param name="Site">Site that it gets.</param>
/// <param name="Tags">Tags that it gets.</param>
/// <param name="AddedBy">Who listed it; the server sets it.</param>
/// <param name="UsedBy">Device that came in with it; the server sets it.</param>
public sealed record ListedKeySummary(string Key, string? Name = null, string? Site = null, IReadOnlyList<string>? Tags = null, string? AddedBy = null, string? UsedBy = null);

/// <summary>A reason that goes into the history and to the board.</summary>
public sealed record ReasonRequest(string? Reason = null);

/// <summary>Body of <c>POST /api/devices/{id}/transfer</c>; what is null stays. The id stays in any case.</summary>
public sealed record TransferRequest(string? Site = null, IReadOnlyList<string>? Tags = null, string? Title = null);

/// <summary>Body of <c>POST /api/devices/{id}/commands</c>. <c>Kind</c>: restart, or wipe, which a second person has to approve.</summary>
public sealed record CommandRequest(string Kind, string? Reason = null);

/// <summary>A command to a device. <c>State</c>: needs approval, waiting, done, refused, withdrawn.</summary>
public sealed record CommandSummary(
    string Id,
    string Device,
    string Kind,
    string Reason,
    string State,
    long Number,
    string AskedBy,
    DateTimeOffset Asked,
    string? ApprovedBy,
    DateTimeOffset? Ended,
    string? Answer);

/// <summary>Answer of <c>GET /api/trust</c>: when what vouches for devices and servers ends.</summary>
public sealed record TrustSummary(string Ca, DateTimeOffset RootEnds, DateTimeOffset IssuingEnds, DateTimeOffset ServerEnds);
