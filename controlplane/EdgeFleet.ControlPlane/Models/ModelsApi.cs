using System.Security.Claims;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>HTTP of packages.</summary>
internal static class ModelsApi
{
    /// <summary>Maps <c>/api/packages</c>.</summary>
    public static IEndpointRouteBuilder MapModels(this IEndpointRouteBuilder routes)
    {
        var packages = routes.MapGroup("/api/packages").WithTags("Packages");
        packages.MapGet("", async (PackageQueries queries, CancellationToken cancel) => TypedResults.Ok(await queries.ListAsync(cancel)))
            .RequireAuthorization(Policies.Viewer).WithSummary("All published versions.");
        packages.MapGet("{name}/{version}", FindAsync).RequireAuthorization(Policies.Viewer).WithSummary("One version with its manifest and report.");
        packages.MapPost("missing", Missing).RequireAuthorization(Policies.Publisher).WithSummary("Which of these files the server does not have.");
        packages.MapPut("files/{digest}", PutAsync).RequireAuthorization(Policies.Publisher).WithSummary("Puts a file of a package, named by its SHA-256; the body is the file.");
        packages.MapPost("", PublishAsync).RequireAuthorization(Policies.Publisher).WithSummary("Checks and publishes a package whose files were put.");
        return routes.MapPackageMetadata();
    }

    private static async Task<Results<Ok<PackageDetail>, ProblemHttpResult>> FindAsync(string name, string version, PackageQueries queries, CancellationToken cancel) =>
        await queries.FindAsync(name, version, cancel) is { } package
            ? TypedResults.Ok(package)
            : Problem(StatusCodes.Status404NotFound, "No such package", $"No package {name} {version} is published. `edgefleet model list` shows what there is.");

    private static Results<Ok<DigestList>, ProblemHttpResult> Missing(DigestList asked, PackageUploads uploads)
    {
        var (missing, fault) = uploads.Missing(asked.Digests ?? []);
        return fault is null ? TypedResults.Ok(new DigestList(missing)) : Problem(StatusCodes.Status400BadRequest, "Not a list of digests", fault);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> PutAsync(string digest, HttpRequest request, ClaimsPrincipal user, PackageUploads uploads, IAuditLog audit, CancellationToken cancel)
    {
        if (!Sha256Digest.TryParse(digest, out var name))
            return Problem(StatusCodes.Status400BadRequest, "Not a digest", $"'{digest}' is not a SHA-256 digest: 64 lower-case hexadecimal digits.");

        // The server's own limit for bodies is for forms; this body goes to disk as it comes, under a limit of its own.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;
        var ending = await uploads.PutAsync(name, request.Body, request.ContentLength, cancel);
        if (ending is FileEnding.Stored)
            await audit.RecordAsync(Person.Of(user).Name, "package.file", $"file {name}", null, cancel);
        return ending switch
        {
            FileEnding.Stored => TypedResults.NoContent(),
            FileEnding.TooLarge large => Problem(StatusCodes.Status413PayloadTooLarge, "Too large", large.Reason),
            FileEnding.NoRoom full => Problem(StatusCodes.Status507InsufficientStorage, "No room", full.Reason),
            FileEnding.Refused refused => Problem(StatusCodes.Status422UnprocessableEntity, "Not the file that was named", refused.Reason),
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no answer."),
        };
    }

    private static async Task<Results<Created<PackageSummary>, Ok<PackageSummary>, ProblemHttpResult>> PublishAsync(
        PublishRequest request, ClaimsPrincipal user, SignedPackages packages, CancellationToken cancel) =>
        await packages.PublishAsync(request, Person.Of(user), cancel) switch
        {
            PackageEnding.Published p => TypedResults.Created($"/api/packages/{p.Package.Name}/{p.Package.Version}", p.Package),
            PackageEnding.Already p => TypedResults.Ok(p.Package),
            PackageEnding.Taken taken => Problem(StatusCodes.Status409Conflict, "Version exists", taken.Reason),
            PackageEnding.Refused refused => Problem(StatusCodes.Status422UnprocessableEntity, "Package refused", refused.Reason),
            PackageEnding.Forbidden forbidden => Problem(StatusCodes.Status403Forbidden, "Not allowed", forbidden.Reason),
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no answer."),
        };

    private static ProblemHttpResult Problem(int status, string title, string detail) => TypedResults.Problem(detail, statusCode: status, title: title);
}
