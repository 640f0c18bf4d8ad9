using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>When a sign-in cookie counts: while its account is unchanged, and for changes through the API only from our own pages.</summary>
internal sealed class CookieRules(UserStore users) : CookieAuthenticationEvents
{
    public const string Scheme = "Cookie";

    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        var person = Person.Of(context.Principal!);
        var user = await users.FindAsync(person.Name, context.HttpContext.RequestAborted);
        if (user is null || user.Stamp != context.Principal!.FindFirst(Person.StampClaim)?.Value)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(Scheme);
        }
        else if (IsForeign(context.HttpContext.Request))
        {
            context.RejectPrincipal();
        }
    }

    // Forms carry an antiforgery token; the API has none, so there the browser's own word is asked for.
    private static bool IsForeign(HttpRequest request) =>
        request.Path.StartsWithSegments("/api")
        && !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method)
        && request.Headers["Sec-Fetch-Site"] != "same-origin";
}
