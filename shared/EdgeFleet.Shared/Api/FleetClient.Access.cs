namespace EdgeFleet.Shared.Api;

/// <summary>Accounts, tokens and the audit log.</summary>
public sealed partial class FleetClient
{
    /// <summary>Address of the control plane.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>Who is signed in.</summary>
    public Task<Me> MeAsync(CancellationToken cancel) => GetAsync("api/me", ApiJson.Default.Me, cancel);

    /// <summary>Accounts.</summary>
    public Task<IReadOnlyList<UserSummary>> UsersAsync(CancellationToken cancel) => GetAsync("api/users", ApiJson.Default.IReadOnlyListUserSummary, cancel);

    /// <summary>Makes an account.</summary>
    public Task<UserSummary> AddUserAsync(UserRequest request, CancellationToken cancel) => PostAsync("api/users", request, ApiJson.Default.UserRequest, ApiJson.Default.UserSummary, cancel);

    /// <summary>Gives an account another role and other sites.</summary>
    public Task<UserSummary> ChangeRoleAsync(string name, RoleRequest request, CancellationToken cancel) =>
        PostAsync($"api/users/{Uri.EscapeDataString(name)}/role", request, ApiJson.Default.RoleRequest, ApiJson.Default.UserSummary, cancel);

    /// <summary>Sets the password of an account.</summary>
    public Task<UserSummary> ChangePasswordAsync(string name, PasswordRequest request, CancellationToken cancel) =>
        PostAsync($"api/users/{Uri.EscapeDataString(name)}/password", request, ApiJson.Default.PasswordRequest, ApiJson.Default.UserSummary, cancel);

    /// <summary>Sets one's own password.</summary>
    public Task<UserSummary> ChangeOwnPasswordAsync(PasswordRequest request, CancellationToken cancel) =>
        PostAsync("api/me/password", request, ApiJson.Default.PasswordRequest, ApiJson.Default.UserSummary, cancel);

    /// <summary>Takes an account away.</summary>
    public Task RemoveUserAsync(string name, CancellationToken cancel) => NothingAsync(HttpMethod.Delete, $"api/users/{Uri.EscapeDataString(name)}", cancel);

    /// <summary>Bearer tokens that count.</summary>
    public Task<IReadOnlyList<TokenSummary>> ApiTokensAsync(CancellationToken cancel) => GetAsync("api/tokens", ApiJson.Default.IReadOnlyListTokenSummary, cancel);

    /// <summary>Makes a bearer token; this client goes on with its own.</summary>
    public Task<LoginResponse> CreateApiTokenAsync(TokenRequest request, CancellationToken cancel) => PostAsync("api/tokens", request, ApiJson.Default.TokenRequest, ApiJson.Default.LoginResponse, cancel);

    /// <summary>Ends a bearer token.</summary>
    public Task RevokeApiTokenAsync(long id, CancellationToken cancel) => NothingAsync(HttpMethod.Delete, $"api/tokens/{id}", cancel);

    /// <summary>Entries of the audit log after a number.</summary>
    public Task<IReadOnlyList<AuditRecord>> AuditAsync(long after, CancellationToken cancel) => GetAsync($"api/audit?after={after}", ApiJson.Default.IReadOnlyListAuditRecord, cancel);

    /// <summary>Where the audit log ends now, signed.</summary>
    public Task<SignedAuditHead> AuditHeadAsync(CancellationToken cancel) => GetAsync("api/audit/head", ApiJson.Default.SignedAuditHead, cancel);
}
