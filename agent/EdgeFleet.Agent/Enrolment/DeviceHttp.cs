using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Enrolment;

/// <summary>HTTP clients of the agent: to the pinned CA and nobody else, with the host's name checked, and no way around either.</summary>
internal static class DeviceHttp
{
    private const long AnswerBytesMax = 256 * 1024;

    /// <summary>Longest wait for an answer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>Before there is an identity: only the CA's hash is known.</summary>
    public static HttpClient ForEnrolment(Sha256Digest pin, TrustedTime time)
    {
        var handler = Handler();
        handler.SslOptions.RemoteCertificateValidationCallback = PinnedCa.Validate(pin, () => time.Now);
        return Client(handler);
    }

    /// <summary>With a device's certificate.</summary>
    public static HttpClient ForDevice(X509Certificate2 certificate, X509Certificate2 ca, TrustedTime time)
    {
        var handler = Handler();
        handler.SslOptions.ClientCertificates = [certificate];
        handler.SslOptions.RemoteCertificateValidationCallback = PinnedCa.Validate(ca, () => time.Now);
        return Client(handler);
    }

    private static SocketsHttpHandler Handler() => new() { AllowAutoRedirect = false, UseProxy = false, SslOptions = { EnabledSslProtocols = Protocols } };

    private const System.Security.Authentication.SslProtocols Protocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13;

    private static HttpClient Client(SocketsHttpHandler handler) => new(handler) { Timeout = Timeout, MaxResponseContentBufferSize = AnswerBytesMax };
}
