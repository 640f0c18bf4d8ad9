using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Bearer tokens: 32 random bytes, of which only the SHA-256 is kept.</summary>
internal sealed class TokenStore(IDbContextFactory<FleetContext> contexts, TimeProvider time, IOptions<AccessOptions> options)
{
    private const string Prefix = "eft_"; // Lets secret scanners find a token that was committed by mistake.

    /// <summary>Makes a token for a user. It cannot be read again.</summary>
    public async Task<(string Token, DateTimeOffset Expires)> IssueAsync(User user, string? purpose, CancellationToken cancel)
    {
        var token = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = time.GetUtcNow();
        var expires = now.AddDays(options.Value.TokenDays);
        await using var db = await contexts.CreateDbContextAsync(cancel);
        db.Add(new ApiToken
        {
            UserId = user.Id,
            Hash = HashOf(token),
            Purpose = purpose,
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
    public async Task RevokeAsync(long id, CancellationToken cancel)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        await db.Set<ApiToken>().Where(t => t.Id == id && t.Revoked == null)
            .ExecuteUpdateAsync(s => s.SetProperty(t => t.Revoked, now), cancel);
    }

    private static string HashOf(string token) => Sha256Digest.Of(Encoding.UTF8.GetBytes(token)).Value;
}
