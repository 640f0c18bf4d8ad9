using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>
/// The one CA that devices trust and that vouches for them, in <c>ca/</c>: <c>ca.pem</c> is the root whose hash stands in every ticket. It signs
/// itself with <c>ca.key</c>, or, when that key is kept elsewhere, an issuing certificate below it does (<c>issuing.pem</c>, <c>issuing.key</c>).
/// Made at the first start, and never a second time: when its key is gone, the backup has to bring it back.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    private readonly CaKeys _keys;
    private readonly TimeProvider _time;

    /// <summary>Opens the CA in <c>ca/</c> of the data folder, or makes it.</summary>
    /// <exception cref="IOException">Only half of it is there, or it cannot be read; the text says what to do.</exception>
    public CertificateAuthority(DataFolder folder, TimeProvider time)
    {
        _time = time;
        _keys = CaKeys.Open(folder.Ca, time.GetUtcNow());
        Pem = Certificate.ExportCertificatePem() + "\n";
        Pin = Sha256Digest.Of(Certificate.RawData);
    }

    /// <summary>The root's certificate, without its key.</summary>
    public X509Certificate2 Certificate => _keys.Root;

    /// <summary>The same, as PEM.</summary>
    public string Pem { get; }

    /// <summary>SHA-256 of the root certificate: what a ticket pins.</summary>
    public Sha256Digest Pin { get; }

    /// <summary>Issuing certificates, the current one first; none when the root signs itself.</summary>
    public IReadOnlyList<X509Certificate2> Issuing => _keys.Issuing;

    /// <summary>When the certificate that signs ends; no certificate of a device lives longer.</summary>
    public DateTimeOffset Ends => Signer.NotAfter;

    /// <summary>What goes with a certificate that was just signed, as PEM; empty when the root signs.</summary>
    public string ChainPem => Issuing.Count == 0 ? "" : Issuing[0].ExportCertificatePem() + "\n";

    private X509Certificate2 Signer => Issuing.Count > 0 ? Issuing[0] : Certificate;

    /// <summary>Signs a certificate that lives for a time, or as long as the signer itself when that is shorter.</summary>
    public X509Certificate2 Issue(CertificateRequest request, TimeSpan life)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Signer, true, false));
        var now = _time.GetUtcNow();
        var end = now + life < Signer.NotAfter ? now + life : Signer.NotAfter;
        // A certificate of a short life must not spend it all before it was made.
        var before = life / 10 < CaCertificates.Before ? life / 10 : CaCertificates.Before;
        return request.Create(Signer.SubjectName, X509SignatureGenerator.CreateForECDsa(_keys.Key), now - before, end, CaCertificates.NewSerial());
    }

    /// <summary>True for a certificate of this CA for a purpose, within its life at a time.</summary>
    public bool Issued(X509Certificate certificate, string purpose, DateTimeOffset at) =>
        PinnedCa.IsIssuedBy(Certificate, certificate, purpose, Issuing, new JudgedTime(at));

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();
}
