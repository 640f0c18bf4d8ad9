using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>HTTP of enrolment: <c>POST /enrol/v1</c> for boards with a token, <c>POST /api/enrolment-tokens</c> for operators.</summary>
internal static class EnrolmentApi
{
    private const long BodyBytesMax = 32 * 1024;

    public static IEndpointRouteBuilder MapEnrolment(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/enrol/v1", EnrolAsync).AllowAnonymous().RequireRateLimiting(EnrolmentSetup.RateLimit)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(BodyBytesMax))
            .WithSummary("Takes a board into the fleet for a token and a certificate signing request.");
        routes.MapPost("/api/enrolment-tokens", CreateTokenAsync).RequireAuthorization(Policies.Operator)
            .WithSummary("Makes a ticket with which boards enrol. It is shown once.");
        return routes;
    }

    private static async Task<Results<Ok<EnrolmentResponse>, ProblemHttpResult>> EnrolAsync(
        EnrolmentRequest request, HttpContext context, EnrolmentCommands commands) =>
        await commands.EnrolAsync(request, context.Request.Host.Host, context.RequestAborted) switch
        {
            Enrolled.Done done => TypedResults.Ok(done.Answer),
            Enrolled.Refused refused => TypedResults.Problem(refused.Reason, statusCode: StatusCodes.Status403Forbidden, title: "The token does not count"),
            Enrolled.Unusable unusable => TypedResults.Problem(unusable.Reason, statusCode: StatusCodes.Status422UnprocessableEntity, title: "The request cannot be used"),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no ending of an enrolment."),
        };

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
}
