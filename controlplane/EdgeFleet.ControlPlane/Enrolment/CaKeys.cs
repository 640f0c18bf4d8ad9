using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.ControlPlane.Enrolment;

/// <summary>The files of the CA: root, issuing certificates, and the key that signs.</summary>
internal sealed class CaKeys : IDisposable
{
    private const int LifeYears = 20;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private CaKeys(X509Certificate2 root, IReadOnlyList<X509Certificate2> issuing, ECDsa key) => (Root, Issuing, Key) = (root, issuing, key);

    /// <summary>The root's certificate.</summary>
    public X509Certificate2 Root { get; }

    /// <summary>Issuing certificates, the current one first, earlier ones after it; none when the root signs itself.</summary>
    public IReadOnlyList<X509Certificate2> Issuing { get; }

    /// <summary>The key that signs: of the current issuing certificate, or of the root.</summary>
    public ECDsa Key { get; }

    /// <summary>Reads the files, or makes a root in an empty folder.</summary>
    /// <exception cref="IOException">Only half of it is there, or it cannot be read.</exception>
    public static CaKeys Open(string folder, DateTimeOffset now)
    {
        Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        var (rootFile, rootKeyFile) = (Path.Combine(folder, "ca.pem"), Path.Combine(folder, "ca.key"));
        var (issuingFile, issuingKeyFile) = (Path.Combine(folder, "issuing.pem"), Path.Combine(folder, "issuing.key"));
        if (File.Exists(issuingFile) || File.Exists(issuingKeyFile))
            return OpenIssuing(rootFile, issuingFile, issuingKeyFile);

        if (File.Exists(rootFile) && !File.Exists(rootKeyFile))
        {
            throw new IOException($"{rootFile} is there and its key {rootKeyFile} is not. Bring the key back from the backup, or, if it is kept elsewhere, "
                + $"make an issuing certificate with it ('edgefleet ca issuing') and put issuing.pem and issuing.key into {folder}. With a new CA every device would have to be enrolled again.");
        }

        var key = ReadOrMakeKey(rootKeyFile);
        if (!File.Exists(rootFile))
        {
            using var made = CaCertificates.Root(key, now, LifeYears);
            DurableFile.Replace(rootFile, Encoding.ASCII.GetBytes(made.ExportCertificatePem() + "\n"));
        }

        var root = ReadCertificates(rootFile)[0];
        return CaCertificates.IsKeyOf(root, key)
            ? new CaKeys(root, [], key)
            : throw new IOException($"{rootFile} does not belong to the key {rootKeyFile}. Bring both back from the same backup.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Root.Dispose();
        foreach (var certificate in Issuing)
            certificate.Dispose();
        Key.Dispose();
    }

    private static CaKeys OpenIssuing(string rootFile, string issuingFile, string keyFile)
    {
        foreach (var needed in new[] { rootFile, issuingFile, keyFile })
        {
            if (!File.Exists(needed))
                throw new IOException($"{needed} is missing. With an issuing certificate, ca.pem (the root, without its key), issuing.pem and issuing.key stand together; 'edgefleet ca issuing' makes all three.");
        }

        var (root, issuing, key) = (ReadCertificates(rootFile)[0], ReadCertificates(issuingFile), ReadOrMakeKey(keyFile));
        if (!CaCertificates.IsKeyOf(issuing[0], key))
            throw new IOException($"The first certificate in {issuingFile} does not belong to the key {keyFile}. Bring both from the same 'edgefleet ca issuing'.");
        foreach (var certificate in issuing)
        {
            // One that has ended may still stand here; it only must be the root's.
            if (!IsSignedBy(root, certificate))
                throw new IOException($"'{certificate.Subject}' in {issuingFile} is not signed by the root in {rootFile}. Devices pin that root and would trust nothing that is issued.");
        }

        return new CaKeys(root, issuing, key);
    }

    private static bool IsSignedBy(X509Certificate2 root, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = certificate.NotAfter.AddSeconds(-1);
        return chain.Build(certificate)
            && certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(b => b.CertificateAuthority);
    }

    private static List<X509Certificate2> ReadCertificates(string file)
    {
        try
        {
            var all = new X509Certificate2Collection();
            all.ImportFromPemFile(file);
            return all.Count > 0 ? [.. all] : throw new CryptographicException("it holds none");
        }
        catch (CryptographicException e)
        {
            throw new IOException($"{file} cannot be read as a certificate ({e.Message}). Bring it back from the backup.", e);
        }
    }

    private static ECDsa ReadOrMakeKey(string file)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (!File.Exists(file))
        {
            DurableFile.Replace(file, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"), OwnerOnly);
            return key;
        }

        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new IOException($"{file} cannot be read as a private key ({e.Message}). Bring it back from the backup.", e);
        }
    }
}
