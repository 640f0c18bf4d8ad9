using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Registers the certificate authority, tokens and enrolment.</summary>
internal static class EnrolmentSetup
{
    /// <summary>Name of the rate limit on <c>/enrol/v1</c>.</summary>
    public const string RateLimit = "enrolment";

    public static IServiceCollection AddEnrolment(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<EnrolmentOptions>().BindConfiguration(EnrolmentOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<CertificateAuthority>().AddSingleton<ServerCertificate>().AddHostedService<ServerCertificateWorker>();
        services.AddSingleton<DeviceCertificates>().AddSingleton<CertificateIssuer>().AddSingleton<DeviceStanding>().AddSingleton<DeviceAdmission>();
        services.AddSingleton<EnrolmentAsks>().AddSingleton<ListedKeys>().AddSingleton<DeviceAdder>().AddSingleton<RenewalCommands>().AddSingleton<TrustQueries>();
        services.AddHostedService<AdmissionWorker>();
        services.AddSingleton<Addresses>().AddSingleton<TicketPins>().AddSingleton<EnrolmentTokens>().AddSingleton<EnrolmentAnswers>().AddSingleton<EnrolmentCommands>();
        return services.AddRateLimiter(limiter =>
        {
            limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limiter.AddPolicy(RateLimit, context => RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "unknown",
                _ => new FixedWindowRateLimiterOptions
                {
                    PermitLimit = context.RequestServices.GetRequiredService<IOptions<EnrolmentOptions>>().Value.RequestsPerMinute,
                    Window = TimeSpan.FromMinutes(1),
                }));
            limiter.OnRejected = async (rejected, _) =>
            {
                rejected.HttpContext.Response.Headers.RetryAfter = "60";
                await rejected.HttpContext.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
                {
                    HttpContext = rejected.HttpContext,
                    ProblemDetails = new ProblemDetails
                    {
                        Status = StatusCodes.Status429TooManyRequests,
                        Title = "Too many attempts",
                        Detail = "This address has asked too often. Try again in a minute; Enrolment:RequestsPerMinute sets how often is too often.",
                    },
                });
            };
        });
    }
}
