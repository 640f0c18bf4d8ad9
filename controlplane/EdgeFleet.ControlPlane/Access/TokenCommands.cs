using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Bearer tokens as people make and end them; each time it stands in the audit log.</summary>
internal sealed class TokenCommands(TokenStore tokens, IAuditLog audit)
{
    /// <summary>Makes a token for a user, with a role no higher than his own; null for his own.</summary>
    public async Task<LoginResponse> IssueAsync(User user, TokenRequest request, CancellationToken cancel)
    {
        var (token, expires) = await tokens.IssueAsync(user, request, cancel);
        var role = request.Role ?? user.Role;
        await audit.RecordAsync(user.Name, "token.issue", $"user {user.Name}", $"{role} until {expires:u}; {request.Purpose ?? "no purpose given"}", cancel);
        return new LoginResponse(token, expires, user.Name, role);
    }

    /// <summary>Ends a token: one's own, or any for an admin. False when there is none such that still counts.</summary>
    public async Task<bool> EndAsync(long id, Person who, CancellationToken cancel)
    {
        if (!await tokens.RevokeAsync(id, who.May(Policies.Admin) ? null : who.Name, cancel))
            return false;

        await audit.RecordAsync(who.Name, "token.revoke", $"token {id}", null, cancel);
        return true;
    }
}
