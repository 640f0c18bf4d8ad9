using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>
/// The one CA that devices trust and that vouches for them: P-256, made at the first start, kept in <c>ca/</c>. Its hash stands in every ticket,
/// so it is never made a second time: when its key is gone, the backup has to bring it back.
/// </summary>
internal sealed class CertificateAuthority : IDisposable
{
    private const int LifeYears = 20;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly ECDsa _key;
    private readonly TimeProvider _time;

    /// <summary>Opens the CA in <c>ca/</c> of the data folder, or makes it.</summary>
    /// <exception cref="IOException">Only half of it is there, or it cannot be read; the text says what to do.</exception>
    public CertificateAuthority(DataFolder folder, TimeProvider time)
    {
        _time = time;
        Directory.CreateDirectory(folder.Ca, OwnerOnly | UnixFileMode.UserExecute);
        var keyFile = Path.Combine(folder.Ca, "ca.key");
        var certificateFile = Path.Combine(folder.Ca, "ca.pem");
        if (File.Exists(certificateFile) && !File.Exists(keyFile))
            throw new IOException($"{certificateFile} is there and its key {keyFile} is not. Bring the key back from the backup; with a new CA every device would have to be enrolled again.");

        _key = ReadKey(keyFile);
        Certificate = ReadCertificate(certificateFile, keyFile);
        Pem = Certificate.ExportCertificatePem() + "\n";
        Pin = Sha256Digest.Of(Certificate.RawData);
    }

    /// <summary>The CA's certificate, without its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The same, as PEM.</summary>
    public string Pem { get; }

    /// <summary>SHA-256 of the certificate: what a ticket pins.</summary>
    public Sha256Digest Pin { get; }

    /// <summary>Signs a certificate that lives for a time, or as long as the CA itself when that is shorter.</summary>
    public X509Certificate2 Issue(CertificateRequest request, TimeSpan life)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        var now = _time.GetUtcNow();
        var end = now + life < Certificate.NotAfter ? now + life : Certificate.NotAfter;
        return request.Create(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), Before(now), end, Serial());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    // Clocks on boards lie, and this machine's may be a little ahead of theirs.
    private static DateTimeOffset Before(DateTimeOffset now) => now.AddDays(-1);

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] = (byte)((serial[0] & 0x3F) | 0x40); // Positive and of full length, as RFC 5280 wants it.
        return serial;
    }

    private static ECDsa ReadKey(string file)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(file))
            key.ImportPem(file);
        else
            DurableFile.Replace(file, System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"), OwnerOnly);
        return key;
    }

    private X509Certificate2 ReadCertificate(string file, string keyFile)
    {
        if (!File.Exists(file))
        {
            using var made = Make();
            DurableFile.Replace(file, System.Text.Encoding.ASCII.GetBytes(made.ExportCertificatePem() + "\n"));
        }

        try
        {
            var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            using var theirs = certificate.GetECDsaPublicKey();
            return theirs is not null && theirs.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(_key.ExportSubjectPublicKeyInfo())
                ? certificate
                : throw new IOException($"{file} does not belong to the key {keyFile}. Bring both back from the same backup.");
        }
        catch (CryptographicException e)
        {
            throw new IOException($"{file} cannot be read as a certificate ({e.Message}). Bring it back from the backup.", e);
        }
    }

    private X509Certificate2 Make()
    {
        var name = $"CN=EdgeFleet CA {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
        var request = new CertificateRequest(name, _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var now = _time.GetUtcNow();
        return request.CreateSelfSigned(Before(now), now.AddYears(LifeYears));
    }
}

file static class PemKeys
{
    public static void ImportPem(this ECDsa key, string file)
    {
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new IOException($"{file} cannot be read as a private key ({e.Message}). Bring it back from the backup.", e);
        }
    }
}
