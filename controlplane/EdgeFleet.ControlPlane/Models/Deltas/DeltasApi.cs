using System.Globalization;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.Shared.Identity;
using Microsoft.Net.Http.Headers;

namespace EdgeFleet.ControlPlane.Models.Deltas;

/// <summary>
/// Deltas for devices: <c>GET /packages/deltas/{from}/{to}</c>, beside the files and under the same rules. 404 where the whole file is the better way, 503 while it is being made.
/// </summary>
internal static class DeltasApi
{
    private const int ComeBackSeconds = 30;

    public static IEndpointRouteBuilder MapPackageDeltas(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/packages/deltas/{from}/{to}", [HttpMethods.Get, HttpMethods.Head], AskAsync).ForKnownDevices();
        return routes;
    }

    private static async Task<IResult> AskAsync(string from, string to, PackageDeltas deltas, HttpContext context)
    {
        if (!Sha256Digest.TryParse(from, out var before) || !Sha256Digest.TryParse(to, out var after))
            return TypedResults.Problem("A delta is named by two SHA-256 digests.", statusCode: StatusCodes.Status404NotFound, title: "No such delta");

        switch (await deltas.AskAsync(new DeltaPair(before, after), context.RequestAborted))
        {
            case DeltaEnding.Ready ready:
                context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
                return TypedResults.PhysicalFile(ready.Path, "application/octet-stream", entityTag: new EntityTagHeaderValue($"\"{before.Short}-{after.Short}\""), enableRangeProcessing: true);
            case DeltaEnding.None none:
                return TypedResults.Problem(none.Reason, statusCode: StatusCodes.Status404NotFound, title: "No such delta");
            default:
                context.Response.Headers.RetryAfter = ComeBackSeconds.ToString(CultureInfo.InvariantCulture);
                return TypedResults.Problem("The delta is being made.", statusCode: StatusCodes.Status503ServiceUnavailable, title: "Not yet");
        }
    }
}
