using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Hosting;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>The device behind a request on the devices' port, found to be welcome.</summary>
/// <param name="Device">Its id.</param>
/// <param name="Certificate">The certificate that it came with.</param>
internal sealed record DeviceCaller(DeviceId Device, X509Certificate2 Certificate);

/// <summary>
/// What stands before every endpoint on the devices' port. The handshake has checked who signed the certificate; here it is asked whether its
/// device is still welcome, and whether its life is over.
/// </summary>
internal static class DeviceDoor
{
    /// <summary>Lets known devices through, on their port.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="mayBeOver">True for the one endpoint that takes a certificate whose life is over.</param>
    public static RouteHandlerBuilder ForKnownDevices(this RouteHandlerBuilder endpoint, bool mayBeOver = false) => endpoint
        .OnDevicePort().AllowAnonymous().ExcludeFromDescription()
        .AddEndpointFilter(async (call, next) => await RefusalAsync(call.HttpContext, mayBeOver) is { } refusal
            ? TypedResults.Problem(refusal, statusCode: StatusCodes.Status403Forbidden, title: "Not admitted")
            : await next(call));

    /// <summary>Who came through the door.</summary>
    public static DeviceCaller CallerOf(HttpContext context) =>
        context.Features.Get<DeviceCaller>() ?? throw new InvalidOperationException($"{context.Request.Path} does not stand behind the door of devices.");

    private static async Task<string?> RefusalAsync(HttpContext context, bool mayBeOver)
    {
        var certificate = await context.Connection.GetClientCertificateAsync(context.RequestAborted);
        if (DeviceCertificates.DeviceOf(certificate) is not { } device)
            return "The certificate names no device.";

        var admission = context.RequestServices.GetRequiredService<DeviceAdmission>();
        if (await admission.RefusalAsync(device, certificate!, mayBeOver, context.RequestAborted) is { } refusal)
            return refusal;

        context.Features.Set(new DeviceCaller(device, certificate!));
        return null;
    }
}
