using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EdgeFleet.Shared.Trust;

/// <summary>The two kinds of certificate that may sign others: the root, which devices pin, and an issuing one below it. Keys are P-256.</summary>
public static class CaCertificates
{
    /// <summary>Clocks on boards lie, and one machine's may be a little ahead of another's.</summary>
    public static readonly TimeSpan Before = TimeSpan.FromDays(1);

    /// <summary>A root, signed by itself.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="now">When its life begins, less <see cref="Before"/>.</param>
    /// <param name="years">Years that it lives.</param>
    public static X509Certificate2 Root(ECDsa key, DateTimeOffset now, int years)
    {
        var request = Request($"CN=EdgeFleet CA {RandomName()}", key, pathLength: 1);
        return request.CreateSelfSigned(now - Before, now.AddYears(years));
    }

    /// <summary>An issuing certificate below a root: it may sign devices and servers, and no further authority.</summary>
    /// <param name="root">The root.</param>
    /// <param name="rootKey">The root's key.</param>
    /// <param name="key">Key of the issuing certificate.</param>
    /// <param name="now">When its life begins, less <see cref="Before"/>.</param>
    /// <param name="years">Years that it lives, at most as long as the root.</param>
    /// <exception cref="CryptographicException">The key is not the root's, or the root may not sign an authority.</exception>
    public static X509Certificate2 Issuing(X509Certificate2 root, ECDsa rootKey, ECDsa key, DateTimeOffset now, int years)
    {
        if (!IsKeyOf(root, rootKey))
            throw new CryptographicException("The key does not belong to the root certificate.");
        if (root.Extensions.OfType<X509BasicConstraintsExtension>().SingleOrDefault() is not { CertificateAuthority: true } rules || (rules.HasPathLengthConstraint && rules.PathLengthConstraint < 1))
            throw new CryptographicException("The root may sign devices and servers, and no issuing certificate: it was made by an older version. A new root needs every device enrolled again.");

        var request = Request($"CN=EdgeFleet issuing CA {RandomName()}", key, pathLength: 0);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(root, true, false));
        var begins = now - Before > root.NotBefore ? now - Before : root.NotBefore;
        var ends = now.AddYears(years) < root.NotAfter ? now.AddYears(years) : root.NotAfter;
        return request.Create(root.SubjectName, X509SignatureGenerator.CreateForECDsa(rootKey), begins, ends, NewSerial());
    }

    /// <summary>True when the certificate is for this key.</summary>
    public static bool IsKeyOf(X509Certificate2 certificate, ECDsa key)
    {
        using var certified = certificate.GetECDsaPublicKey();
        return certified is not null && certified.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>A serial number: positive and of full length, as RFC 5280 wants it, and not to be guessed.</summary>
    public static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40);
        return serial;
    }

    private static CertificateRequest Request(string name, ECDsa key, int pathLength)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, pathLength, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static string RandomName() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
}
