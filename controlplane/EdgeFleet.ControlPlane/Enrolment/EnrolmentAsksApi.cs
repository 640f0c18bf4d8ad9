using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>HTTP of boards that wait for a person.</summary>
internal static class EnrolmentAsksApi
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var asks = routes.MapGroup("/api/enrolment-asks").RequireAuthorization(Policies.Operator).WithTags("Enrolment");
        asks.MapGet("/", async (EnrolmentAsks store, CancellationToken cancel) => TypedResults.Ok(await store.ListAsync(cancel))).WithSummary("Boards that ask to be let in, with the SHA-256 of their key");
        asks.MapPost("/{id:long}/approve", ApproveAsync).WithSummary("Lets a board in; compare the key on both sides first");
        asks.MapPost("/{id:long}/refuse", RefuseAsync).WithSummary("Turns a board away; it is told the reason");
    }

    private static async Task<Results<Ok<EnrolmentAskSummary>, ProblemHttpResult>> ApproveAsync(
        long id, EnrolmentApproval approval, ClaimsPrincipal user, EnrolmentAsks asks, IAuditLog audit, CancellationToken cancel)
    {
        var who = Person.Of(user).Name;
        return await AnswerAsync(await asks.ApproveAsync(id, approval, who, cancel), "enrolment.approve", who, audit, cancel);
    }

    private static async Task<Results<Ok<EnrolmentAskSummary>, ProblemHttpResult>> RefuseAsync(
        long id, ReasonRequest request, ClaimsPrincipal user, EnrolmentAsks asks, IAuditLog audit, CancellationToken cancel)
    {
        var who = Person.Of(user).Name;
        return await AnswerAsync(await asks.RefuseAsync(id, request.Reason, who, cancel), "enrolment.refuse", who, audit, cancel);
    }

    private static async Task<Results<Ok<EnrolmentAskSummary>, ProblemHttpResult>> AnswerAsync(
        AskDecided decided, string what, string who, IAuditLog audit, CancellationToken cancel)
    {
        switch (decided)
        {
            case AskDecided.Done { Ask: var ask }:
                await audit.RecordAsync(who, what, $"enrolment {ask.Id}", $"key {ask.Key}, {ask.Device ?? ask.Wish}", cancel);
                return TypedResults.Ok(ask);
            case AskDecided.Refused refused:
                return TypedResults.Problem(refused.Reason, statusCode: StatusCodes.Status409Conflict, title: "Not decided");
            case AskDecided.NotFound missing:
                return TypedResults.Problem(missing.Reason, statusCode: StatusCodes.Status404NotFound);
            default:
                throw new InvalidOperationException($"{decided.GetType().Name} is no ending of a decision.");
        }
    }
}
