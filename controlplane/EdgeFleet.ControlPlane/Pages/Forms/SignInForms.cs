using System.Globalization;
using EdgeFleet.ControlPlane.Access;
using Microsoft.AspNetCore.Authentication;

namespace EdgeFleet.ControlPlane.Pages.Forms;

/// <summary>The forms of signing in, signing out and making the first account.</summary>
internal static class SignInForms
{
    public static void Map(IEndpointRouteBuilder forms)
    {
        forms.MapPost("/sign-in", SignInAsync).AllowAnonymous();
        forms.MapPost("/sign-out", SignOutAsync).AllowAnonymous();
        forms.MapPost("/setup", SetUpAsync).AllowAnonymous();
    }

    private static async Task<IResult> SignInAsync(IFormCollection form, HttpContext context, SignIn signIn, IAuditLog audit, Notes notes)
    {
        var (name, back) = (form["name"].ToString(), LocalOnly(form["back"]));
        var again = $"/sign-in?name={Uri.EscapeDataString(name)}&back={Uri.EscapeDataString(back)}";
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        switch (await signIn.TryAsync(name, form["password"].ToString(), address, context.RequestAborted))
        {
            case SignInResult.Right { User: var user }:
                await context.SignInAsync(CookieRules.Scheme, Person.Principal(user, CookieRules.Scheme));
                await audit.RecordAsync(user.Name, "sign-in", $"user {user.Name}", $"from {address}", context.RequestAborted);
                return TypedResults.LocalRedirect(back);
            case SignInResult.Wait wait:
                context.Response.Headers.RetryAfter = wait.Seconds.ToString(CultureInfo.InvariantCulture);
                return TypedResults.LocalRedirect(notes.On(again, wait.Sentence));
            default:
                return TypedResults.LocalRedirect(notes.On(again, "Name or password are wrong. Both are as they were given to you; the password minds capital letters."));
        }
    }

    private static async Task<IResult> SignOutAsync(IFormCollection form, HttpContext context)
    {
        _ = form; // Read, so that a form from elsewhere is refused.
        await context.SignOutAsync(CookieRules.Scheme);
        return TypedResults.LocalRedirect("/sign-in");
    }

    private static async Task<IResult> SetUpAsync(IFormCollection form, HttpContext context, SetupLink link, Notes notes)
    {
        var (secret, name) = (form["secret"].ToString(), form["name"].ToString());
        switch (await link.UseAsync(secret, name, form["password"].ToString(), context.RequestAborted))
        {
            case UserAdded.Done { User: var user }:
                await context.SignInAsync(CookieRules.Scheme, Person.Principal(user, CookieRules.Scheme));
                return TypedResults.LocalRedirect("/");
            case UserAdded.Refused refused:
                return TypedResults.LocalRedirect(notes.On($"/setup/{Uri.EscapeDataString(secret)}?name={Uri.EscapeDataString(name)}", refused.Reason));
            default:
                throw new InvalidOperationException("Adding a user ended in no known way.");
        }
    }

    // Only paths of this site: anything else would let a link lead elsewhere after the sign-in.
    private static string LocalOnly(string? back) =>
        back is ['/', ..] && back is not ['/', '/' or '\\', ..] && !back.Any(char.IsControl) ? back : "/";
}
