using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Access;

/// <summary>The audit log over HTTP: <c>GET /api/audit</c> and <c>GET /api/audit/head</c>. Nobody can change it there.</summary>
internal static class AuditApi
{
    private const int MostAtOnce = 1000;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var audit = routes.MapGroup("/api/audit").RequireAuthorization(Policies.Admin).WithTags("Access");
        audit.MapGet("", async (IAuditLog log, CancellationToken cancel, long after = 0, int most = MostAtOnce) =>
            TypedResults.Ok(await log.ListAsync(Math.Max(0, after), Math.Clamp(most, 1, MostAtOnce), cancel)))
            .WithSummary("What people did, in order, after an entry; at most 1,000 at once. Each entry holds the hash of the one before.");
        audit.MapGet("/head", async (IAuditLog log, DesiredSigner signer, CancellationToken cancel) => TypedResults.Ok(signer.Sign(await log.HeadAsync(cancel))))
            .WithSummary("Where the log ends now, signed. Kept elsewhere, it proves later that nothing before it was changed or cut off.");
    }
}
