using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>HTTP of keys that are listed in advance.</summary>
internal static class ListedKeysApi
{
    private const long BodyBytesMax = 4 * 1024 * 1024;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/api/enrolment-keys").RequireAuthorization(Policies.Operator).WithTags("Enrolment");
        keys.MapGet("/", async (ListedKeys store, CancellationToken cancel) => TypedResults.Ok(await store.ListAsync(cancel))).WithSummary("Keys that are listed in advance, and which device came in with each");
        keys.MapPost("/", AddAsync).WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(BodyBytesMax)).WithSummary("Lists keys, all or none of them");
        keys.MapDelete("/{key}", RemoveAsync).WithSummary("Takes a key that nobody has used off the list");
    }

    private static async Task<Results<Ok<IReadOnlyList<ListedKeySummary>>, ProblemHttpResult>> AddAsync(
        IReadOnlyList<ListedKeySummary> keys, ClaimsPrincipal user, ListedKeys store, IAuditLog audit, CancellationToken cancel)
    {
        var who = Person.Of(user).Name;
        if (await store.AddAsync(keys, who, cancel) is { } fault)
            return TypedResults.Problem(fault, statusCode: StatusCodes.Status422UnprocessableEntity, title: "No key was listed");

        await audit.RecordAsync(who, "enrolment-key.add", $"{keys.Count} key(s)", string.Join(' ', keys.Take(10).Select(k => k.Key)), cancel);
        return TypedResults.Ok(await store.ListAsync(cancel));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(string key, ClaimsPrincipal user, ListedKeys store, IAuditLog audit, CancellationToken cancel)
    {
        if (!Sha256Digest.TryParse(key, out var digest) || !await store.RemoveAsync(digest, cancel))
            return TypedResults.Problem($"No unused key '{key}' is listed.", statusCode: StatusCodes.Status404NotFound);

        await audit.RecordAsync(Person.Of(user).Name, "enrolment-key.remove", $"key {key}", null, cancel);
        return TypedResults.NoContent();
    }
}
