using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>What somebody who may not is told: a problem (RFC 9457) on the API, the sign-in page or the forbidden page elsewhere.</summary>
internal sealed class AccessAnswers : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
            return next(context);
        if (authorizeResult.Challenged)
            return IsForPrograms(context.Request) ? NotSignedInAsync(context) : ToSignInAsync(context);

        context.Response.StatusCode = StatusCodes.Status403Forbidden; // The status page shows it to people.
        return IsForPrograms(context.Request) ? ForbiddenAsync(context, policy) : Task.CompletedTask;
    }

    /// <summary>True for addresses whose answers are read by programs.</summary>
    public static bool IsForPrograms(HttpRequest request) =>
        request.Path.StartsWithSegments("/api") || request.Path.StartsWithSegments("/enrol") || request.Path.StartsWithSegments("/openapi") || TokenHandler.IsPresent(request);

    private static Task NotSignedInAsync(HttpContext context)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        var detail = TokenHandler.IsPresent(context.Request)
            ? "The token is not known, has ended or was revoked. Make a new one with: edgefleet login."
            : "This needs a sign-in. Send 'Authorization: Bearer TOKEN'; a token comes from: edgefleet login.";
        return Results.Problem(detail, statusCode: StatusCodes.Status401Unauthorized, title: "Not signed in").ExecuteAsync(context);
    }

    private static Task ForbiddenAsync(HttpContext context, AuthorizationPolicy policy)
    {
        var needed = policy.Requirements.OfType<RoleRequirement>().LastOrDefault()?.Needed ?? Policies.Admin;
        var detail = $"Your account ({Person.Of(context.User).Role}) may not do this. It needs {needed}.";
        return Results.Problem(detail, statusCode: StatusCodes.Status403Forbidden, title: "Not allowed").ExecuteAsync(context);
    }

    private static Task ToSignInAsync(HttpContext context)
    {
        var back = HttpMethods.IsGet(context.Request.Method) ? context.Request.Path + context.Request.QueryString : "/";
        context.Response.Redirect(back == "/" ? "/sign-in" : $"/sign-in?back={Uri.EscapeDataString(back)}");
        return Task.CompletedTask;
    }
}
