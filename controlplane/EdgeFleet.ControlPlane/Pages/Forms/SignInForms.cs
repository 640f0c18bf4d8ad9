using EdgeFleet.ControlPlane.Access;

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

    private static async Task<IResult> SignInAsync(IFormCollection form, HttpContext context, BrowserSignIn signIn, Notes notes)
    {
        var (name, back) = (form["name"].ToString(), LocalOnly(form["back"]));
        var again = $"/sign-in?name={Uri.EscapeDataString(name)}&back={Uri.EscapeDataString(back)}";
        return TypedResults.LocalRedirect(await signIn.TryAsync(context, name, form["password"].ToString()) switch
        {
            SignInResult.Right => back,
            SignInResult.Wait wait => notes.On(again, wait.Sentence),
            _ => notes.On(again, "Name or password are wrong. Type them again; the password minds capital letters."),
        });
    }

    private static async Task<IResult> SignOutAsync(IFormCollection form, HttpContext context)
    {
        _ = form; // Read, so that a form from elsewhere is refused.
        await BrowserSignIn.EndAsync(context);
        return TypedResults.LocalRedirect("/sign-in");
    }

    private static async Task<IResult> SetUpAsync(IFormCollection form, HttpContext context, BrowserSignIn signIn, Notes notes)
    {
        var (secret, name) = (form["secret"].ToString(), form["name"].ToString());
        var refused = await signIn.SetUpAsync(context, secret, name, form["password"].ToString());
        return TypedResults.LocalRedirect(refused is null
            ? "/"
            : notes.On($"/setup/{Uri.EscapeDataString(secret)}?name={Uri.EscapeDataString(name)}", refused));
    }

    // Only paths of this site: anything else would let a link lead elsewhere after the sign-in.
    private static string LocalOnly(string? back) =>
        back is ['/', ..] && back is not ['/', '/' or '\\', ..] && !back.Any(char.IsControl) ? back : "/";
}
