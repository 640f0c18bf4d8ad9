using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Bearer tokens: 32 random bytes, of which only the SHA-256 is kept.</summary>
internal sealed class TokenStore(IDbContextFactory<FleetContext> contexts, TimeProvider time, IOptions<AccessOptions> options)
{
    private const int ListMax = 500;
    private const int DaysMax = 366;
    private const string Prefix = "eft_"; // Lets secret scanners find a token that was committed by mistake.

    /// <summary>Makes a token for a user. It cannot be read again.</summary>
    /// <param name="user">Whose it is.</param>
    /// <param name="request">What for, with which role, and for how long: 1 to 366 days.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<(string Token, DateTimeOffset Expires)> IssueAsync(User user, TokenRequest request, CancellationToken cancel)
    {
        var token = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        var expires = now.AddDays(Math.Clamp(request.Days ?? options.Value.TokenDays, 1, DaysMax));
        await using var db = await contexts.CreateDbContextAsync(cancel);
        db.Add(new ApiToken
        {
            UserId = user.Id,
            Hash = HashOf(token),
            Role = request.Role,
            Purpose = request.Purpose,
            Created = now.ToUnixTimeMilliseconds(),
            Expires = expires.ToUnixTimeMilliseconds(),
        });
        await db.SaveChangesAsync(cancel);
        return (token, expires);
    }

    /// <summary>The token's row with its user, if it is known, not revoked and not over.</summary>
    public async Task<ApiToken?> FindAsync(string token, CancellationToken cancel)
    {
        var hash = HashOf(token);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<ApiToken>().AsNoTracking().Include(t => t.User)
            .FirstOrDefaultAsync(t => t.Hash == hash && t.Revoked == null && t.Expires > now, cancel);
    }

    /// <summary>Ends a token at once.</summary>
    /// <param name="id">The token.</param>
    /// <param name="user">Account whose it must be; null for anybody's.</param>
    /// <param name="cancel">Stops waiting.</param>
    /// <returns>False when there is none that still counts.</returns>
    public async Task<bool> RevokeAsync(long id, string? user, CancellationToken cancel)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<ApiToken>().Where(t => t.Id == id && t.Revoked == null && (user == null || t.User!.Name == user))
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.Revoked, now), cancel) == 1;
    }

    /// <summary>Tokens that count, the newest first.</summary>
    /// <param name="user">Account whose they are; null for everybody's.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<IReadOnlyList<TokenSummary>> ListAsync(string? user, CancellationToken cancel)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var tokens = await db.Set<ApiToken>().AsNoTracking().Include(t => t.User)
            .Where(t => t.Revoked == null && t.Expires > now && (user == null || t.User!.Name == user)).OrderByDescending(t => t.Id).Take(ListMax).ToListAsync(cancel);
        return [.. tokens.Select(t => new TokenSummary(
            t.Id, t.User!.Name, t.Role ?? t.User.Role, t.Purpose, DateTimeOffset.FromUnixTimeMilliseconds(t.Created), DateTimeOffset.FromUnixTimeMilliseconds(t.Expires)))];
    }

    private static string HashOf(string token) => Sha256Digest.Of(Encoding.UTF8.GetBytes(token)).Value;
}
