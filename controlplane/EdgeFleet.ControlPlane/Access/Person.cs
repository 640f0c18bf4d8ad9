using System.Security.Claims;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Who asks, as read from the claims of a request. <see cref="Name"/> is what commands and the audit log call "who".</summary>
internal sealed record Person(string Name, string Role)
{
    private const string SiteClaim = "edgefleet:site";

    public const string StampClaim = "edgefleet:stamp";
    public const string TokenClaim = "edgefleet:token";

    /// <summary>Sites to which the person is limited; empty for none.</summary>
    public IReadOnlyList<string> Sites { get; init; } = [];

    /// <summary>The person behind a signed-in request.</summary>
    public static Person Of(ClaimsPrincipal user) =>
        new(user.Identity?.Name ?? "nobody", user.FindFirstValue(ClaimTypes.Role) ?? "") { Sites = [.. user.FindAll(SiteClaim).Select(c => c.Value)] };

    /// <summary>True when the person may do what needs the role.</summary>
    public bool May(string needed) => Policies.Covers(Role, needed);

    /// <summary>Claims for a signed-in user. The stamp ends every sign-in when the account changes.</summary>
    public static ClaimsPrincipal Principal(User user, string scheme, ApiToken? token = null)
    {
        var identity = new ClaimsIdentity(scheme, ClaimTypes.Name, ClaimTypes.Role);
        identity.AddClaim(new Claim(ClaimTypes.Name, user.Name));
        identity.AddClaim(new Claim(ClaimTypes.Role, token?.Role ?? user.Role));
        identity.AddClaim(new Claim(StampClaim, user.Stamp));
        foreach (var site in user.Sites)
            identity.AddClaim(new Claim(SiteClaim, site));
        if (token is not null)
            identity.AddClaim(new Claim(TokenClaim, token.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        return new ClaimsPrincipal(identity);
    }
}
