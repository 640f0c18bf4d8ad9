using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Alerts;

/// <summary>
/// Gives out what devices sent, as bytes: never decoded here, never sniffed by the browser, and in a sandbox if somebody opens it as a page.
/// </summary>
internal static class BlobFiles
{
    private const string Jpeg = "image/jpeg";

    public static IResult Serve(string digest, HttpContext context, DataFolder folder)
    {
        if (!Sha256Digest.TryParse(digest, out var sha256))
            return TypedResults.Problem("The name of a photo is its SHA-256: 64 lower-case hexadecimal digits.", statusCode: StatusCodes.Status404NotFound, title: "Not found");

        var file = new FileInfo(new ContentStore(folder.Blobs).PathOf(sha256));
        if (!file.Exists)
            return TypedResults.Problem("This photo is not here yet. The device sends it after the alert; try again later.", statusCode: StatusCodes.Status404NotFound, title: "Not found");

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "private, max-age=31536000, immutable";
        headers.ETag = $"\"{sha256.Short}\"";
        var isJpeg = BeginsAsJpeg(file);
        if (!isJpeg)
            headers.ContentDisposition = "attachment";
        return TypedResults.PhysicalFile(file.FullName, isJpeg ? Jpeg : "application/octet-stream");
    }

    private static bool BeginsAsJpeg(FileInfo file)
    {
        Span<byte> start = stackalloc byte[3];
        using var stream = file.OpenRead();
        return stream.ReadAtLeast(start, 3, throwOnEndOfStream: false) == 3 && start is [0xFF, 0xD8, 0xFF];
    }
}
