using System.Security.Cryptography;
using System.Text;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Makes tokens and takes them back in.</summary>
internal sealed class EnrolmentTokens(
    IDbContextFactory<FleetContext> contexts, TicketPins pins, Addresses addresses, IOptions<EnrolmentOptions> options, TimeProvider time)
{
    private const int ListMax = 500;

    /// <summary>Makes a token and the ticket around it.</summary>
    /// <param name="request">Uses, life, site and tags of the devices.</param>
    /// <param name="who">Account that asks.</param>
    /// <param name="cancel">Stops waiting.</param>
    public async Task<TokenCreated> CreateAsync(EnrolmentTokenRequest request, string who, CancellationToken cancel)
    {
        if (FaultIn(request) is { } fault)
            return new TokenCreated.Refused(fault);

        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
        var now = time.GetUtcNow();
        var expires = now.AddHours(request.ExpiresHours);
        var token = new EnrolmentToken
        {
            Hash = HashOf(secret),
            UsesLeft = request.Uses,
            Uses = request.Uses,
            Expires = expires.ToUnixTimeMilliseconds(),
            Site = request.Site ?? "",
            Tags = [.. (request.Tags ?? []).Distinct()],
            CreatedBy = who,
            Created = now.ToUnixTimeMilliseconds(),
        };
        await using var db = await contexts.CreateDbContextAsync(cancel);
        db.Add(token);
        await db.SaveChangesAsync(cancel);

        var ticket = TicketFor(secret);
        return new TokenCreated.Done(new EnrolmentTokenResponse(token.Id, ticket, expires, request.Uses, EnrolmentWays.Command(ticket)));
    }

    /// <summary>The ticket without a token: for boards whose key is listed or that ask to be approved. It is no secret and may stand in an image.</summary>
    public OpenTicket OpenTicket() => new(TicketFor(""), EnrolmentWays.Command(TicketFor("")));

    /// <summary>Tokens, the newest first; of the token itself nothing is kept that could be shown.</summary>
    public async Task<IReadOnlyList<EnrolmentTokenSummary>> ListAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var tokens = await db.Set<EnrolmentToken>().AsNoTracking().OrderByDescending(t => t.Id).Take(ListMax).ToListAsync(cancel);
        return [.. tokens.Select(t => new EnrolmentTokenSummary(
            t.Id, t.Site, t.Tags, t.Uses, t.UsesLeft, DateTimeOffset.FromUnixTimeMilliseconds(t.Expires), t.CreatedBy, DateTimeOffset.FromUnixTimeMilliseconds(t.Created), t.WithdrawnBy))];
    }

    /// <summary>Ends a token; false when there is none, or it has ended already.</summary>
    public async Task<bool> WithdrawAsync(long id, string who, CancellationToken cancel)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<EnrolmentToken>().Where(t => t.Id == id && t.Expires > now)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.Expires, now).SetProperty(x => x.WithdrawnBy, who), cancel) == 1;
    }

    /// <summary>Takes one use of a token inside the caller's transaction: of two that come at once for the last use, exactly one gets it.</summary>
    public async Task<TokenTaken> TakeAsync(FleetContext db, string secret, CancellationToken cancel)
    {
        var (hash, now) = (HashOf(secret), time.GetUtcNow().ToUnixTimeMilliseconds());
        var taken = await db.Set<EnrolmentToken>().Where(t => t.Hash == hash && t.UsesLeft > 0 && t.Expires > now)
            .ExecuteUpdateAsync(t => t.SetProperty(x => x.UsesLeft, x => x.UsesLeft - 1), cancel);
        var token = await db.Set<EnrolmentToken>().AsNoTracking().FirstOrDefaultAsync(t => t.Hash == hash, cancel);
        return (token, taken) switch
        {
            (null, _) => new TokenTaken.Refused("This control plane did not make this token. Check that the ticket was copied whole, or ask for a new one."),
            ({ } t, 1) => new TokenTaken.Done(t),
            ({ WithdrawnBy: { } who }, _) => new TokenTaken.Refused($"{who} has withdrawn the token. Ask for a new ticket ('edgefleet token create')."),
            ({ } t, _) when t.Expires <= now => new TokenTaken.Refused(
                $"The token expired at {DateTimeOffset.FromUnixTimeMilliseconds(t.Expires):u}. Ask for a new ticket ('edgefleet token create')."),
            _ => new TokenTaken.Refused("The token has been used up. Ask for a new ticket ('edgefleet token create'), with more uses for more boards."),
        };
    }

    /// <summary>The token of this text, used up or not; null if there is none.</summary>
    public static Task<EnrolmentToken?> FindAsync(FleetContext db, string secret, CancellationToken cancel)
    {
        var hash = HashOf(secret);
        return db.Set<EnrolmentToken>().AsNoTracking().FirstOrDefaultAsync(t => t.Hash == hash, cancel);
    }

    private string TicketFor(string secret) => new EnrolmentTicket { Url = addresses.People(null), Token = secret, Ca = pins.Ca, Root = pins.Root }.Format();

    private static Sha256Digest HashOf(string secret) => Sha256Digest.Of(Encoding.UTF8.GetBytes(secret));

    private string? FaultIn(EnrolmentTokenRequest request)
    {
        if (request.Uses < 1 || request.Uses > options.Value.UsesMax)
            return $"uses is {request.Uses}; a token can be for 1 to {options.Value.UsesMax} boards.";
        if (!(request.ExpiresHours > 0 && request.ExpiresHours <= options.Value.ExpiresHoursMax))
            return FormattableString.Invariant($"expiresHours is {request.ExpiresHours}; a token can live up to {options.Value.ExpiresHoursMax} hours.");
        return TokenRules.FaultIn(request.Site, request.Tags) ?? SiteScope.FaultIn(request.Site);
    }
}

/// <summary>How making a token ended.</summary>
internal abstract record TokenCreated
{
    /// <summary>It is made; the ticket is shown once.</summary>
    public sealed record Done(EnrolmentTokenResponse Token) : TokenCreated;

    /// <summary>The request asks for what cannot be.</summary>
    public sealed record Refused(string Reason) : TokenCreated;
}

/// <summary>How taking a use of a token ended.</summary>
internal abstract record TokenTaken
{
    /// <summary>One use was taken.</summary>
    public sealed record Done(EnrolmentToken Token) : TokenTaken;

    /// <summary>Unknown, expired or used up.</summary>
    public sealed record Refused(string Reason) : TokenTaken;
}
