using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Pages.Forms;

/// <summary>The forms of the page Access.</summary>
internal static class AccessForms
{
    private const string Page = "/access";

    public static void Map(IEndpointRouteBuilder forms)
    {
        var access = forms.MapGroup("/access").RequireAuthorization(Policies.Admin);
        access.MapPost("/", AddAsync);
        access.MapPost("/{name}/{verb}", ChangeAsync);
        access.MapPost("/tokens/{id:long}/revoke", RevokeAsync);
    }

    private static async Task<IResult> AddAsync(IFormCollection form, ClaimsPrincipal user, UserCommands users, Notes notes, CancellationToken cancel) =>
        Answer(await users.AddAsync(new UserRequest(form["name"].ToString(), form["role"].ToString(), form["password"].ToString(), SitesIn(form)), Person.Of(user), cancel), notes);

    private static async Task<IResult> ChangeAsync(string name, string verb, IFormCollection form, ClaimsPrincipal user, UserCommands users, Notes notes, CancellationToken cancel) => Answer(verb switch
    {
        "role" => await users.ChangeRoleAsync(name, new RoleRequest(form["role"].ToString(), SitesIn(form)), Person.Of(user), cancel),
        "remove" => await users.RemoveAsync(name, Person.Of(user), cancel),
        _ => new UserEnding.Refused($"'{verb}' is nothing that can be done to an account."),
    }, notes);

    private static async Task<IResult> RevokeAsync(long id, IFormCollection form, ClaimsPrincipal user, TokenCommands tokens, CancellationToken cancel)
    {
        _ = form; // Read, so that a form from elsewhere is refused.
        await tokens.EndAsync(id, Person.Of(user), cancel);
        return TypedResults.LocalRedirect(Page);
    }

    private static IResult Answer(UserEnding ending, Notes notes) => TypedResults.LocalRedirect(ending switch
    {
        UserEnding.Done => Page,
        UserEnding.Refused refused => notes.On(Page, refused.Reason),
        _ => notes.On(Page, ((UserEnding.NotFound)ending).Reason),
    });

    private static string[] SitesIn(IFormCollection form) => form["sites"].ToString().Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
