using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Reads <c>Authorization: Bearer TOKEN</c>.</summary>
internal sealed class TokenHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, TokenStore tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Token";
    private const string Bearer = "Bearer ";

    public static bool IsPresent(HttpRequest request) =>
        request.Headers.Authorization.ToString().StartsWith(Bearer, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!IsPresent(Request))
            return AuthenticateResult.NoResult();

        var token = await tokens.FindAsync(Request.Headers.Authorization.ToString()[Bearer.Length..].Trim(), Context.RequestAborted);
        // A token that was made for a higher role than its user has by now counts no more.
        return token?.User is { } user && (token.Role is null || Policies.Covers(user.Role, token.Role))
            ? AuthenticateResult.Success(new AuthenticationTicket(Person.Principal(user, SchemeName, token), SchemeName))
            : AuthenticateResult.Fail("The token is not known, has ended or was revoked.");
    }
}
