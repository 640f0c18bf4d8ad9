namespace EdgeFleet.Shared.Api;

/// <summary>Body of <c>POST /api/login</c>.</summary>
public sealed record LoginRequest(string User, string Password, string? Purpose = null);

/// <summary>A bearer token, shown once; only its hash is kept.</summary>
public sealed record LoginResponse(string Token, DateTimeOffset Expires, string User, string Role);

/// <summary>Answer of <c>GET /api/me</c>.</summary>
public sealed record Me(string User, string Role, IReadOnlyList<string>? Sites = null);

/// <summary>Problem as RFC 9457 says it: every refused request has one, with what to do in <see cref="Detail"/>.</summary>
public sealed record ApiProblem(string? Title, string? Detail, int? Status);

/// <summary>An account. <c>Sites</c> is empty for one that reaches all.</summary>
public sealed record UserSummary(string Name, string Role, IReadOnlyList<string> Sites, DateTimeOffset Created);

/// <summary>Body of <c>POST /api/users</c>.</summary>
public sealed record UserRequest(string? Name, string? Role, string? Password, IReadOnlyList<string>? Sites = null);

/// <summary>Body of <c>POST /api/users/{name}/role</c>.</summary>
public sealed record RoleRequest(string? Role, IReadOnlyList<string>? Sites = null);

/// <summary>A new password; <c>Old</c> is asked for one's own.</summary>
public sealed record PasswordRequest(string? Password, string? Old = null);

/// <summary>Body of <c>POST /api/tokens</c>. Without a role it is one's own, without days the fleet's default.</summary>
public sealed record TokenRequest(string? Purpose = null, string? Role = null, int? Days = null);

/// <summary>A bearer token; of itself only the hash is kept.</summary>
public sealed record TokenSummary(long Id, string User, string Role, string? Purpose, DateTimeOffset Created, DateTimeOffset Expires);
