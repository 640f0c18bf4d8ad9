using System.Globalization;
using System.Security.Claims;
using EdgeFleet.Shared.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>Sign-in for programs: <c>POST /api/login</c>, <c>POST /api/logout</c>, <c>GET /api/me</c>.</summary>
internal static class AccessApi
{
    public static IEndpointRouteBuilder MapAccess(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/login", LoginAsync).AllowAnonymous()
            .WithSummary("Gives a bearer token for a name and a password. It is shown once.");
        routes.MapPost("/api/logout", LogoutAsync).RequireAuthorization(Policies.Viewer)
            .WithSummary("Ends the token that the request carries.");
        routes.MapGet("/api/me", (ClaimsPrincipal user) => TypedResults.Ok(new Me(Person.Of(user).Name, Person.Of(user).Role, Person.Of(user).Sites is { Count: > 0 } sites ? sites : null)))
            .RequireAuthorization(Policies.Viewer)
            .WithSummary("Says who is signed in, and as what.");
        UsersApi.Map(routes);
        AuditApi.Map(routes);
        return routes;
    }

    private static async Task<Results<Ok<LoginResponse>, ProblemHttpResult>> LoginAsync(
        LoginRequest request, HttpContext context, SignIn signIn, TokenCommands tokens)
    {
        var cancel = context.RequestAborted;
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        switch (await signIn.TryAsync(request.User ?? "", request.Password ?? "", address, cancel))
        {
            case SignInResult.Right { User: var user }:
                return TypedResults.Ok(await tokens.IssueAsync(user, new TokenRequest(request.Purpose), cancel));
            case SignInResult.Wait wait:
                context.Response.Headers.RetryAfter = wait.Seconds.ToString(CultureInfo.InvariantCulture);
                return TypedResults.Problem(wait.Sentence, statusCode: StatusCodes.Status429TooManyRequests, title: "Too many attempts");
            default:
                return TypedResults.Problem("Name or password are wrong.", statusCode: StatusCodes.Status401Unauthorized, title: "Not signed in");
        }
    }

    private static async Task<NoContent> LogoutAsync(ClaimsPrincipal user, TokenCommands tokens, CancellationToken cancel)
    {
        if (long.TryParse(user.FindFirstValue(Person.TokenClaim), CultureInfo.InvariantCulture, out var id))
            await tokens.EndAsync(id, Person.Of(user), cancel);
        return TypedResults.NoContent();
    }
}
