using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using Microsoft.Net.Http.Headers;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>
/// Package files for devices: <c>GET /packages/{sha256}</c> on the devices' port, with ranges. A file never changes under its name, so it may be
/// kept for ever and a download may go on after any interruption.
/// </summary>
internal static class PackageFilesApi
{
    public static IEndpointRouteBuilder MapPackageFiles(this IEndpointRouteBuilder routes)
    {
        var files = new ContentStore(routes.ServiceProvider.GetRequiredService<DataFolder>().Packages);
        routes.MapMethods("/packages/{digest}", [HttpMethods.Get, HttpMethods.Head], (string digest, HttpContext context) => Find(files, digest, context))
            .ForKnownDevices();
        return routes;
    }

    private static IResult Find(ContentStore files, string digest, HttpContext context)
    {
        if (!Sha256Digest.TryParse(digest, out var name) || !files.Has(name))
            return TypedResults.Problem($"There is no package file {digest} here.", statusCode: StatusCodes.Status404NotFound, title: "No such file");

        context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        return TypedResults.PhysicalFile(
            files.PathOf(name), "application/octet-stream", entityTag: new EntityTagHeaderValue($"\"{name}\""), enableRangeProcessing: true);
    }
}
