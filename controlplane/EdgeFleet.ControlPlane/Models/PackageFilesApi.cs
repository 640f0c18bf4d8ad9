using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Hosting;
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
            .OnDevicePort().AllowAnonymous().AddEndpointFilter(ForKnownDevicesAsync).ExcludeFromDescription();
        return routes;
    }

    // The handshake has checked who signed the certificate; here it is asked whether its device is still welcome.
    private static async ValueTask<object?> ForKnownDevicesAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        var context = call.HttpContext;
        var certificate = await context.Connection.GetClientCertificateAsync(context.RequestAborted);
        var refusal = DeviceCertificates.DeviceOf(certificate) is { } device
            ? await context.RequestServices.GetRequiredService<DeviceAdmission>().RefusalAsync(device, context.RequestAborted)
            : "The certificate names no device.";
        return refusal is null
            ? await next(call)
            : TypedResults.Problem(refusal, statusCode: StatusCodes.Status403Forbidden, title: "Not admitted");
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
