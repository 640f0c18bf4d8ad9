namespace EdgeFleet.Shared.Api;

/// <summary>Body of <c>POST /api/login</c>.</summary>
public sealed record LoginRequest(string User, string Password, string? Purpose = null);

/// <summary>A bearer token, shown once; only its hash is kept.</summary>
public sealed record LoginResponse(string Token, DateTimeOffset Expires, string User, string Role);

/// <summary>Answer of <c>GET /api/me</c>.</summary>
public sealed record Me(string User, string Role);

/// <summary>Problem as RFC 9457 says it: every refused request has one, with what to do in <see cref="Detail"/>.</summary>
public sealed record ApiProblem(string? Title, string? Detail, int? Status);
