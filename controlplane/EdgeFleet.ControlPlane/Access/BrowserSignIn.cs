using Microsoft.AspNetCore.Authentication;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Signs a browser in and out, by cookie.</summary>
internal sealed class BrowserSignIn(SignIn signIn, SetupLink link, IAuditLog audit)
{
    /// <summary>Tries a name and a password; if they are right, the answer carries the cookie.</summary>
    public async Task<SignInResult> TryAsync(HttpContext context, string name, string password)
    {
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        var result = await signIn.TryAsync(name, password, address, context.RequestAborted);
        if (result is SignInResult.Right { User: var user })
        {
            await context.SignInAsync(CookieRules.Scheme, Person.Principal(user, CookieRules.Scheme));
            await audit.RecordAsync(user.Name, "sign-in", $"user {user.Name}", $"from {address}", context.RequestAborted);
        }

        return result;
    }

    /// <summary>Makes the first account by the set-up link and signs it in. Not null: why it was refused.</summary>
    public async Task<string?> SetUpAsync(HttpContext context, string secret, string name, string password)
    {
        switch (await link.UseAsync(secret, name, password, context.RequestAborted))
        {
            case UserAdded.Done { User: var user }:
                await context.SignInAsync(CookieRules.Scheme, Person.Principal(user, CookieRules.Scheme));
                return null;
            case UserAdded.Refused refused:
                return refused.Reason;
            default:
                throw new InvalidOperationException("Adding a user ended in no known way.");
        }
    }

    /// <summary>Ends the sign-in.</summary>
    public static Task EndAsync(HttpContext context) => context.SignOutAsync(CookieRules.Scheme);
}
