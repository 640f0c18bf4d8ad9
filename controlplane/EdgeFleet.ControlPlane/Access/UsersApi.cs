using System.Security.Claims;
using EdgeFleet.Shared.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Accounts and tokens over HTTP.</summary>
internal static class UsersApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/api/users").RequireAuthorization(Policies.Admin).WithTags("Access");
        users.MapGet("", async (UserCommands commands, CancellationToken cancel) => TypedResults.Ok(await commands.ListAsync(cancel))).WithSummary("Accounts, with their roles and sites");
        users.MapPost("", async (UserRequest request, ClaimsPrincipal user, UserCommands commands, CancellationToken cancel) =>
            Answer(await commands.AddAsync(request, Person.Of(user), cancel))).WithSummary("Makes an account; with sites it reaches the devices there and nothing else");
        users.MapPost("/{name}/role", async (string name, RoleRequest request, ClaimsPrincipal user, UserCommands commands, CancellationToken cancel) =>
            Answer(await commands.ChangeRoleAsync(name, request, Person.Of(user), cancel))).WithSummary("Gives an account another role and other sites; its sign-ins end");
        users.MapPost("/{name}/password", async (string name, PasswordRequest request, ClaimsPrincipal user, UserCommands commands, CancellationToken cancel) =>
            Answer(await commands.ChangePasswordAsync(name, request.Password, Person.Of(user), cancel))).WithSummary("Sets the password of an account; its sign-ins end");
        users.MapDelete("/{name}", async (string name, ClaimsPrincipal user, UserCommands commands, CancellationToken cancel) =>
            Answer(await commands.RemoveAsync(name, Person.Of(user), cancel))).WithSummary("Takes an account away, with its tokens");

        routes.MapPost("/api/me/password", async (PasswordRequest request, ClaimsPrincipal user, UserCommands commands, CancellationToken cancel) =>
            Answer(await commands.ChangeOwnPasswordAsync(request, Person.Of(user), cancel))).RequireAuthorization(Policies.Viewer).WithTags("Access").WithSummary("Sets one's own password, by the old one; all sign-ins end");

        var tokens = routes.MapGroup("/api/tokens").RequireAuthorization(Policies.Viewer).WithTags("Access");
        tokens.MapGet("", async (ClaimsPrincipal user, TokenStore store, CancellationToken cancel) =>
            TypedResults.Ok(await store.ListAsync(Person.Of(user).May(Policies.Admin) ? null : Person.Of(user).Name, cancel))).WithSummary("Bearer tokens: one's own, or all for an admin");
        tokens.MapPost("", CreateTokenAsync).WithSummary("Makes a token for a program, with a role no higher than one's own. It is shown once.");
        tokens.MapDelete("/{id:long}", RevokeTokenAsync).WithSummary("Ends a token: one's own, or any for an admin");
    }

    private static async Task<Results<Ok<LoginResponse>, ProblemHttpResult>> CreateTokenAsync(
        TokenRequest request, ClaimsPrincipal user, UserStore users, TokenCommands tokens, CancellationToken cancel)
    {
        var who = Person.Of(user);
        if (!who.May(request.Role ?? who.Role))
            return TypedResults.Problem($"A token of a {who.Role} cannot have the role '{request.Role}'.", statusCode: StatusCodes.Status422UnprocessableEntity, title: "No token was made");
        if (await users.FindAsync(who.Name, cancel) is not { } account)
            return TypedResults.Problem("Only an account of this control plane has tokens.", statusCode: StatusCodes.Status409Conflict, title: "No token was made");

        // Of a token with a lower role than its user's, another has no higher one.
        return TypedResults.Ok(await tokens.IssueAsync(account, request with { Role = request.Role ?? who.Role }, cancel));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeTokenAsync(long id, ClaimsPrincipal user, TokenCommands tokens, CancellationToken cancel) =>
        await tokens.EndAsync(id, Person.Of(user), cancel)
            ? TypedResults.NoContent()
            : TypedResults.Problem($"There is no token {id} of yours that still counts.", statusCode: StatusCodes.Status404NotFound);

    private static Results<Ok<UserSummary>, ProblemHttpResult> Answer(UserEnding ending) => ending switch
    {
        UserEnding.Done done => TypedResults.Ok(done.User),
        UserEnding.Refused refused => TypedResults.Problem(refused.Reason, statusCode: StatusCodes.Status422UnprocessableEntity, title: "Not done"),
        UserEnding.NotFound missing => TypedResults.Problem(missing.Reason, statusCode: StatusCodes.Status404NotFound),
        _ => throw new InvalidOperationException($"{ending.GetType().Name} has no answer."),
    };
}
