using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;
using Microsoft.Extensions.Options;
using PublicKey = System.Security.Cryptography.X509Certificates.PublicKey;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Certificates of devices: issued here, and told from all others here. The common name is the device's id.</summary>
internal sealed class DeviceCertificates(CertificateAuthority authority, IOptions<EnrolmentOptions> options, TimeProvider time)
{
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>The key of a signing request, if it is sound; otherwise what is wrong with it. Nothing else in the request counts.</summary>
    public static (PublicKey? Key, string? Fault) KeyOf(string csr)
    {
        try
        {
            var request = CertificateRequest.LoadSigningRequestPem(csr, HashAlgorithmName.SHA256);
            using var key = request.PublicKey.GetECDsaPublicKey();
            return key is not null && key.ExportParameters(false).Curve.Oid.Value == P256
                ? (request.PublicKey, null)
                : (null, "The key of the certificate signing request is not ECDSA on P-256. Let the agent make its own request.");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or NotSupportedException)
        {
            return (null, $"The certificate signing request cannot be used: {e.Message} It must be a PKCS#10 request in PEM, signed by its own key with SHA-256.");
        }
    }

    /// <summary>Issues a certificate for a device's key.</summary>
    public X509Certificate2 Issue(DeviceId device, PublicKey key)
    {
        var request = new CertificateRequest(new X500DistinguishedName($"CN={device}"), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(PinnedCa.ClientPurpose)], critical: false));
        return authority.Issue(request, TimeSpan.FromDays(options.Value.CertificateDays));
    }

    /// <summary>True for a certificate of our CA that is meant for a device and is within its life.</summary>
    public bool IsOurs(X509Certificate? certificate) => certificate is not null && authority.Issued(certificate, PinnedCa.ClientPurpose, time.GetUtcNow());

    /// <summary>The same, also for one whose life is over: it may still ask for its successor, and for nothing else.</summary>
    public bool IsOrWasOurs(X509Certificate? certificate)
    {
        if (certificate is null)
            return false;

        using var copy = new X509Certificate2(certificate);
        // The second of its end is no longer within its life.
        var (now, last) = (time.GetUtcNow(), new DateTimeOffset(copy.NotAfter).AddSeconds(-1));
        return authority.Issued(copy, PinnedCa.ClientPurpose, now < last ? now : last);
    }

    /// <summary>Whose certificate it is; null when it names no device. Says nothing about trust.</summary>
    public static DeviceId? DeviceOf(X509Certificate2? certificate) =>
        certificate is not null && DeviceId.TryParse(certificate.GetNameInfo(X509NameType.SimpleName, false), out var device) ? device : null;
}
