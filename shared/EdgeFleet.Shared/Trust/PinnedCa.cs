using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Trust;

/// <summary>TLS against one CA and no other: the system's roots do not count, the host name does.</summary>
public static class PinnedCa
{
    /// <summary>Purpose of a server's certificate (id-kp-serverAuth): a device's certificate is never taken for one.</summary>
    public const string ServerPurpose = "1.3.6.1.5.5.7.3.1";

    /// <summary>Purpose of a device's certificate (id-kp-clientAuth).</summary>
    public const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    // An attacker's chain must not cost more to look at than ours.
    private const int BetweenMax = 4;

    // From a UUID, as ITU-T X.667 says: such an identifier needs no registry.
    private const string CarriedCa = "2.25.245930645554707276196504236387394902387";

    /// <summary>Reads a CA certificate from PEM and refuses one whose hash is not the pinned one.</summary>
    /// <exception cref="CryptographicException">Not a certificate, or another one.</exception>
    public static X509Certificate2 Read(string pem, Sha256Digest pin)
    {
        var ca = X509Certificate2.CreateFromPem(pem);
        var digest = Sha256Digest.Of(ca.RawData);
        return digest == pin ? ca : throw new CryptographicException($"The CA's SHA-256 is {digest}; the ticket says {pin}. This is not the control plane that made the ticket.");
    }

    /// <summary>Validation for <see cref="SslStream"/>, MQTT and HTTP clients.</summary>
    /// <param name="ca">The pinned root.</param>
    /// <param name="time">When it is, for a side whose clock may lie; null for this machine's clock.</param>
    public static RemoteCertificateValidationCallback Validate(X509Certificate2 ca, Func<JudgedTime>? time = null) => (_, certificate, chain, errors) =>
        certificate is not null && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
        && IsIssuedBy(ca, certificate, ServerPurpose, Between(chain), time?.Invoke());

    /// <summary>
    /// For the first contact, when only the CA's hash is known: the server's certificate carries its CA (<see cref="Carry"/>), or the CA comes in
    /// the chain, and that one must have the hash.
    /// </summary>
    public static RemoteCertificateValidationCallback Validate(Sha256Digest pin, Func<JudgedTime>? time = null) => (_, certificate, chain, errors) =>
        certificate is not null && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
        && FindCa(certificate, chain, pin) is { } ca && IsIssuedBy(ca, certificate, ServerPurpose, Between(chain), time?.Invoke());

    /// <summary>
    /// The extension with which a server's certificate carries its CA. .NET never sends a root along in the handshake, and without it a hash alone
    /// could not be checked. It proves nothing by itself: only the hash makes the CA trusted, and only its signature the server.
    /// </summary>
    public static X509Extension Carry(X509Certificate2 ca) => new(CarriedCa, ca.RawData, critical: false);

    /// <summary>True when a certificate is signed by this CA, directly or through an issuing one, for this purpose, and is within its life.</summary>
    /// <param name="ca">The root, the only anchor.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="purpose">What it must be for.</param>
    /// <param name="between">Issuing certificates that may stand between; they count only when the root signed them.</param>
    /// <param name="time">When it is; null for this machine's clock.</param>
    public static bool IsIssuedBy(
        X509Certificate2 ca, X509Certificate certificate, string purpose = ServerPurpose, IEnumerable<X509Certificate2>? between = null, JudgedTime? time = null)
    {
        using var copy = new X509Certificate2(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.ExtraStore.AddRange((between ?? []).Take(BetweenMax).ToArray());
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(purpose));
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        if (time is { } judged)
            chain.ChainPolicy.VerificationTime = judged.For(copy).UtcDateTime;
        return chain.Build(copy);
    }

    // What the other side sent along; the library keeps it with the chain that it built.
    private static IEnumerable<X509Certificate2> Between(X509Chain? chain) => chain?.ChainPolicy.ExtraStore ?? [];

    private static X509Certificate2? FindCa(X509Certificate certificate, X509Chain? chain, Sha256Digest pin)
    {
        using var leaf = new X509Certificate2(certificate);
        return leaf.Extensions.Where(e => e.Oid?.Value == CarriedCa && Sha256Digest.Of(e.RawData) == pin).Select(e => X509CertificateLoader.LoadCertificate(e.RawData))
            .Concat(chain?.ChainElements.Select(e => e.Certificate) ?? []).Concat(chain?.ChainPolicy.ExtraStore ?? [])
            .FirstOrDefault(c => Sha256Digest.Of(c.RawData) == pin);
    }
}
