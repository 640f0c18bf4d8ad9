using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>HTTP of rollouts.</summary>
internal static class RolloutsApi
{
    /// <summary>Maps <c>/api/rollouts</c>.</summary>
    public static IEndpointRouteBuilder MapRollouts(this IEndpointRouteBuilder routes)
    {
        var rollouts = routes.MapGroup("/api/rollouts").WithTags("Rollouts");
        rollouts.MapGet("", async (RolloutQueries queries, CancellationToken cancel) => TypedResults.Ok(await queries.ListAsync(cancel)))
            .RequireAuthorization(Policies.Viewer).WithSummary("The newest rollouts, newest first.");
        rollouts.MapGet("{id:long}", FindAsync).RequireAuthorization(Policies.Viewer).WithSummary("One rollout: verdict, waves, devices, decisions.");
        rollouts.MapGet("{id:long}/explanation", ExplainAsync).RequireAuthorization(Policies.Viewer).WithSummary("Every stored decision of a rollout, taken again from what it was taken from.");
        rollouts.MapPost("", StartAsync).RequireAuthorization(Policies.Operator).WithSummary("Plans and starts a rollout.");
        rollouts.MapPost("{id:long}/pause", async (long id, ClaimsPrincipal user, RolloutCommands commands, CancellationToken cancel) =>
            Answer(await commands.PauseAsync(id, Person.Of(user), cancel))).RequireAuthorization(Policies.Operator).WithSummary("Tells nobody new until it is resumed.");
        rollouts.MapPost("{id:long}/resume", async (long id, ClaimsPrincipal user, RolloutCommands commands, CancellationToken cancel) =>
            Answer(await commands.ResumeAsync(id, Person.Of(user), cancel))).RequireAuthorization(Policies.Operator).WithSummary("Goes on after a pause.");
        rollouts.MapPost("{id:long}/abort", async (long id, ClaimsPrincipal user, RolloutCommands commands, CancellationToken cancel) =>
            Answer(await commands.AbortAsync(id, Person.Of(user), cancel))).RequireAuthorization(Policies.Operator)
            .WithSummary("Closes the plan, or, once devices were told, halts it and sends them back.");
        return routes;
    }

    private static async Task<Results<Ok<RolloutDetail>, ProblemHttpResult>> FindAsync(long id, RolloutQueries queries, CancellationToken cancel) =>
        await queries.FindAsync(id, cancel) is { } rollout
            ? TypedResults.Ok(rollout)
            : Problem(StatusCodes.Status404NotFound, "No such rollout", RolloutCommands.NoRollout(id));

    private static async Task<Results<Ok<RolloutExplanation>, ProblemHttpResult>> ExplainAsync(long id, RolloutExplainer explainer, CancellationToken cancel) =>
        await explainer.ExplainAsync(id, cancel) is { } explanation
            ? TypedResults.Ok(explanation)
            : Problem(StatusCodes.Status404NotFound, "No such rollout", RolloutCommands.NoRollout(id));

    private static async Task<Results<Accepted<RolloutDetail>, Ok<RolloutDetail>, ProblemHttpResult>> StartAsync(
        RolloutRequest request, ClaimsPrincipal user, RolloutCommands commands, CancellationToken cancel) =>
        await commands.StartAsync(request, Person.Of(user), cancel) switch
        {
            RolloutEnding.Done done => TypedResults.Accepted($"/api/rollouts/{done.Rollout.Rollout.Id}", done.Rollout),
            var refused => Refusal(refused),
        };

    private static Results<Ok<RolloutDetail>, ProblemHttpResult> Answer(RolloutEnding ending) =>
        ending is RolloutEnding.Done done ? TypedResults.Ok(done.Rollout) : Refusal(ending);

    private static ProblemHttpResult Refusal(RolloutEnding ending) => ending switch
    {
        RolloutEnding.NotFound missing => Problem(StatusCodes.Status404NotFound, "Not found", missing.Reason),
        RolloutEnding.Forbidden forbidden => Problem(StatusCodes.Status403Forbidden, "Not allowed", forbidden.Reason),
        RolloutEnding.Refused refused => Problem(StatusCodes.Status409Conflict, "Not as things stand", refused.Reason),
        _ => throw new InvalidOperationException($"{ending.GetType().Name} has no answer."),
    };

    private static ProblemHttpResult Problem(int status, string title, string detail) => TypedResults.Problem(detail, statusCode: status, title: title);
}
