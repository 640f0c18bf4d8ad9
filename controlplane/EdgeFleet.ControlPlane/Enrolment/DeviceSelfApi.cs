using EdgeFleet.Shared.Messages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>What a device asks for itself, on its own port, by its certificate: <c>POST /device/v1/renew</c> and <c>GET /device/v1/self</c>.</summary>
internal static class DeviceSelfApi
{
    private const long BodyBytesMax = 32 * 1024;

    public static IEndpointRouteBuilder MapDeviceSelf(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/device/v1/renew", RenewAsync).ForKnownDevices(mayBeOver: true).RequireRateLimiting(EnrolmentSetup.RateLimit)
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(BodyBytesMax));
        // With it a board tries a new certificate before the old one is given up.
        routes.MapGet("/device/v1/self", (HttpContext context) => TypedResults.Text(DeviceDoor.CallerOf(context).Device.Value)).ForKnownDevices();
        return routes;
    }

    private static async Task<Results<Ok<EnrolmentResponse>, ProblemHttpResult>> RenewAsync(RenewalRequest request, HttpContext context, RenewalCommands renewals)
    {
        var caller = DeviceDoor.CallerOf(context);
        return await renewals.RenewAsync(caller.Device, request.Csr, context.Request.Host.Host, context.RequestAborted) switch
        {
            Enrolled.Done done => TypedResults.Ok(done.Answer),
            Enrolled.Unusable unusable => TypedResults.Problem(unusable.Reason, statusCode: StatusCodes.Status422UnprocessableEntity, title: "The request cannot be used"),
            var other => throw new InvalidOperationException($"{other.GetType().Name} is no ending of a renewal."),
        };
    }
}
