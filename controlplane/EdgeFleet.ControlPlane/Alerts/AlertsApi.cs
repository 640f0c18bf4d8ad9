using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary><c>/api/alerts</c>, <c>/api/samples</c> and <c>/api/blobs</c>.</summary>
internal static class AlertsApi
{
    public static IEndpointRouteBuilder MapAlerts(this IEndpointRouteBuilder routes)
    {
        var alerts = routes.MapGroup("/api/alerts").WithTags("alerts");
        alerts.MapGet("/", ListAsync).RequireAuthorization(Policies.Viewer)
            .WithSummary("Alerts changed since a revision, oldest change first; without one the newest, by state if given.");
        alerts.MapGet("/{id:long}", FindAsync).RequireAuthorization(Policies.Viewer)
            .WithSummary("One alert with what people did.");
        alerts.MapPost("/{id:long}/actions", ActAsync).RequireAuthorization(Policies.Staff)
            .WithSummary("Acknowledges, resolves or judges an alert. A repeated key counts once; 409 says who was first.");
        routes.MapGet("/api/samples/judged", JudgedAsync).RequireAuthorization(Policies.Viewer).WithTags("alerts")
            .WithSummary("What people said of answers, with answer and photo as they were then, after one verdict, oldest first.");
        routes.MapGet("/api/blobs/{digest}", BlobFiles.Serve).RequireAuthorization(Policies.Viewer).WithTags("alerts")
            .WithSummary("A photo that a device sent, by its SHA-256.");
        return routes;
    }

    private static async Task<Ok<AlertPage>> ListAsync(AlertQueries queries, CancellationToken cancel, long? since = null, string? state = null)
    {
        if (since is { } revision)
            return TypedResults.Ok(await queries.SinceAsync(revision, cancel));
        var alerts = await queries.ListAsync(state, cancel);
        return TypedResults.Ok(new AlertPage(alerts.Count == 0 ? 0 : alerts.Max(a => a.Revision), alerts));
    }

    private static async Task<Ok<JudgedSamplePage>> JudgedAsync(JudgedSampleQueries queries, CancellationToken cancel, long after = 0) =>
        TypedResults.Ok(await queries.AfterAsync(after, cancel));

    private static async Task<Results<Ok<AlertSummary>, ProblemHttpResult>> FindAsync(long id, AlertQueries queries, CancellationToken cancel) =>
        await queries.FindAsync(id, cancel) is { } alert ? TypedResults.Ok(alert) : NoSuch(id);

    private static async Task<Results<Ok<AlertSummary>, ProblemHttpResult>> ActAsync(
        long id, AlertActionRequest request, ClaimsPrincipal user, AlertCommands commands, CancellationToken cancel) =>
        await commands.ActAsync(id, request, Person.Of(user).Name, cancel) switch
        {
            AlertActed.Done done => TypedResults.Ok(done.Alert),
            AlertActed.Conflict conflict => TypedResults.Problem(
                conflict.Sentence, statusCode: StatusCodes.Status409Conflict, title: "Done by another", extensions: [new("alert", conflict.Alert)]),
            AlertActed.Refused refused => TypedResults.Problem(refused.Reason, statusCode: StatusCodes.Status422UnprocessableEntity, title: "Not done"),
            AlertActed.NotFound => NoSuch(id),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no ending of an action."),
        };

    private static ProblemHttpResult NoSuch(long id) =>
        TypedResults.Problem($"There is no alert {id}. List them with: edgefleet alert list.", statusCode: StatusCodes.Status404NotFound, title: "Not found");
}
