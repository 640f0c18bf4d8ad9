using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>HTTP of enrolment: <c>POST /enrol/v1</c> for boards; tokens, waiting boards and listed keys for operators.</summary>
internal static class EnrolmentApi
{
    private const long BodyBytesMax = 32 * 1024;

    public static IEndpointRouteBuilder MapEnrolment(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/enrol/v1", EnrolAsync).AllowAnonymous().RequireRateLimiting(EnrolmentSetup.RateLimit)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(BodyBytesMax))
            .WithSummary("Takes a board into the fleet for a token, a listed key or a person's approval, and a certificate signing request.");
        var tokens = routes.MapGroup("/api/enrolment-tokens").RequireAuthorization(Policies.Operator).WithTags("Enrolment");
        tokens.MapPost("/", CreateTokenAsync).WithSummary("Makes a ticket with which boards enrol. It is shown once.");
        tokens.MapGet("/", async (EnrolmentTokens store, CancellationToken cancel) => TypedResults.Ok(await store.ListAsync(cancel))).WithSummary("Tokens and what is left of them; never the token itself");
        tokens.MapPost("/{id:long}/withdraw", WithdrawTokenAsync).WithSummary("Ends a token before its time");
        routes.MapGet("/api/enrolment-ticket", (EnrolmentTokens store) => TypedResults.Ok(store.OpenTicket())).RequireAuthorization(Policies.Operator).WithTags("Enrolment")
            .WithSummary("A ticket without a token: for boards whose key is listed or that ask to be approved");
        EnrolmentAsksApi.Map(routes);
        ListedKeysApi.Map(routes);
        routes.MapGet("/api/trust", (TrustQueries trust) => TypedResults.Ok(trust.Summarise())).RequireAuthorization(Policies.Viewer).WithTags("Enrolment")
            .WithSummary("When the CA's and the server's certificates end");
        return routes.MapDeviceSelf();
    }

    private static async Task<Results<Ok<EnrolmentResponse>, Accepted<EnrolmentPending>, ProblemHttpResult>> EnrolAsync(
        EnrolmentRequest request, HttpContext context, EnrolmentCommands commands)
    {
        var address = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        switch (await commands.EnrolAsync(request, context.Request.Host.Host, address, context.RequestAborted))
        {
            case Enrolled.Done done:
                return TypedResults.Ok(done.Answer);
            case Enrolled.Pending pending:
                return TypedResults.Accepted((string?)null, pending.Answer);
            case Enrolled.Refused refused:
                return TypedResults.Problem(refused.Reason, statusCode: StatusCodes.Status403Forbidden, title: "The board was not let in");
            case Enrolled.Busy busy:
                context.Response.Headers.RetryAfter = "600";
                return TypedResults.Problem(busy.Reason, statusCode: StatusCodes.Status429TooManyRequests, title: "Too many boards wait");
            case Enrolled.Unusable unusable:
                return TypedResults.Problem(unusable.Reason, statusCode: StatusCodes.Status422UnprocessableEntity, title: "The request cannot be used");
            case var other:
                throw new InvalidOperationException($"{other.GetType().Name} is no ending of an enrolment.");
        }
    }

    private static async Task<Results<Created<EnrolmentTokenResponse>, ProblemHttpResult>> CreateTokenAsync(
        EnrolmentTokenRequest request, ClaimsPrincipal user, EnrolmentTokens tokens, IAuditLog audit, CancellationToken cancel)
    {
        var who = Person.Of(user).Name;
        switch (await tokens.CreateAsync(request, who, cancel))
        {
            case TokenCreated.Done { Token: var token }:
                await audit.RecordAsync(who, "enrolment-token.create", $"token {token.Id}", $"{token.Uses} use(s) until {token.Expires:u}", cancel);
                return TypedResults.Created((string?)null, token);
            case TokenCreated.Refused refused:
                return TypedResults.Problem(refused.Reason, statusCode: StatusCodes.Status422UnprocessableEntity, title: "No token was made");
            case var other:
                throw new InvalidOperationException($"{other.GetType().Name} is no ending of making a token.");
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> WithdrawTokenAsync(
        long id, ClaimsPrincipal user, EnrolmentTokens tokens, IAuditLog audit, CancellationToken cancel)
    {
        var who = Person.Of(user).Name;
        if (!await tokens.WithdrawAsync(id, who, cancel))
            return TypedResults.Problem($"There is no token {id}, or it has ended already.", statusCode: StatusCodes.Status404NotFound);

        await audit.RecordAsync(who, "enrolment-token.withdraw", $"token {id}", null, cancel);
        return TypedResults.NoContent();
    }
}
