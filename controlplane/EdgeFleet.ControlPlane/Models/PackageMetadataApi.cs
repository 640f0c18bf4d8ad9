using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Trust.Tuf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>HTTP of the signed metadata: <c>/api/metadata</c> for people, and <c>GET /packages/metadata/{file}</c> for devices beside the files that it lists.</summary>
internal static class PackageMetadataApi
{
    private const long BodyBytesMax = 16 * 1024 * 1024; // Base64 of the largest list that clients read, and a root.

    public static IEndpointRouteBuilder MapPackageMetadata(this IEndpointRouteBuilder routes)
    {
        var metadata = routes.MapGroup("/api/metadata").WithTags("Packages");
        metadata.MapGet("", (PackageMetadata all) => TypedResults.Ok(all.Summarise())).RequireAuthorization(Policies.Viewer).WithSummary("By which signed metadata boards check packages.");
        metadata.MapGet("{role}", Find).RequireAuthorization(Policies.Viewer).WithSummary("The root, the list of targets or that of a family in force, as it was signed.");
        metadata.MapPut("root", TakeRootAsync).RequireAuthorization(Policies.Admin).WithSummary("Puts the next root into force.")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(BodyBytesMax));
        metadata.MapPut("lists", TakeListsAsync).RequireAuthorization(Policies.Admin).WithSummary("Puts the next signed lists into force: how a family of models gets keys of its own.")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(BodyBytesMax));
        routes.MapMethods("/packages/metadata/{file}", [HttpMethods.Get, HttpMethods.Head], ForDevice).ForKnownDevices();
        return routes;
    }

    private static IResult Find(string role, PackageMetadata metadata) => metadata.InForce(role) is { } bytes
        ? TypedResults.Bytes(bytes, "application/json")
        : TypedResults.Problem($"There is no '{role}' in force: root, targets and the families' lists can be asked for, once a root was published.", statusCode: StatusCodes.Status404NotFound, title: "No such metadata");

    // A file with a version in its name never changes; the timestamp does, and a root that is not there today may be tomorrow.
    private static IResult ForDevice(string file, PackageMetadata metadata, HttpContext context)
    {
        if (metadata.FileOf(file) is not { } bytes)
            return TypedResults.Problem($"There is no metadata {file} here.", statusCode: StatusCodes.Status404NotFound, title: "No such file");

        context.Response.Headers.CacheControl = char.IsAsciiDigit(file[0]) ? "private, max-age=31536000, immutable" : "no-store";
        return TypedResults.Bytes(bytes, "application/json");
    }

    private static async Task<Results<Ok<MetadataSummary>, ProblemHttpResult>> TakeRootAsync(
        RootRequest request, ClaimsPrincipal user, PackageMetadata metadata, IAuditLog audit, CancellationToken cancel)
    {
        if (request.Root is null)
            return TypedResults.Problem("The request carries no root.", statusCode: StatusCodes.Status400BadRequest, title: "No root");
        if (metadata.TakeRoot(request) is { } refusal)
            return TypedResults.Problem(refusal, statusCode: StatusCodes.Status422UnprocessableEntity, title: "Root refused");

        var summary = metadata.Summarise();
        await audit.RecordAsync(Person.Of(user).Name, "metadata.root", $"root {summary.RootVersion}", summary.Root, cancel);
        return TypedResults.Ok(summary);
    }

    private static async Task<Results<Ok<MetadataSummary>, ProblemHttpResult>> TakeListsAsync(
        ListsRequest request, ClaimsPrincipal user, PackageMetadata metadata, IAuditLog audit, CancellationToken cancel)
    {
        if (request.Lists is null or { Count: 0 } || request.Lists.Values.Any(l => l is null))
            return TypedResults.Problem("The request carries no lists.", statusCode: StatusCodes.Status400BadRequest, title: "No lists");
        if (metadata.TakeLists(request) is { } refusal)
            return TypedResults.Problem(refusal, statusCode: StatusCodes.Status422UnprocessableEntity, title: "Lists refused");

        var summary = metadata.Summarise();
        await audit.RecordAsync(Person.Of(user).Name, "metadata.lists", string.Join(", ", request.Lists.Keys.Order(StringComparer.Ordinal)), $"list {summary.TargetsVersion}", cancel);
        return TypedResults.Ok(summary);
    }
}
