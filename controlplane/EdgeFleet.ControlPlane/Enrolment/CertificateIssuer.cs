using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>Issues a device's certificate and writes it down in the caller's transaction.</summary>
internal sealed class CertificateIssuer(DeviceCertificates certificates, TimeProvider time)
{
    /// <summary>Issues one; it counts once the context is saved.</summary>
    public X509Certificate2 Issue(FleetContext db, DeviceId device, PublicKey key, string via, long token)
    {
        var certificate = certificates.Issue(device, key);
        db.Add(new IssuedCertificate
        {
            Serial = certificate.SerialNumber,
            Device = device,
            Key = Sha256Digest.Of(key.ExportSubjectPublicKeyInfo()),
            Token = token,
            Via = via,
            Issued = time.GetUtcNow().ToUnixTimeMilliseconds(),
            Ends = new DateTimeOffset(certificate.NotAfter).ToUnixTimeMilliseconds(),
        });
        return certificate;
    }
}
