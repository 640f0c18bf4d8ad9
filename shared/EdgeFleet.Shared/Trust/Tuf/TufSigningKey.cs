using System.Security.Cryptography;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>A private key that signs documents of a repository: Ed25519 or ECDSA on P-256. Its id is the SHA-256 of the canonical form of its public half.</summary>
public sealed class TufSigningKey : IDisposable
{
    private readonly ECDsa? _ecdsa;
    private readonly byte[]? _ed25519;

    private TufSigningKey(ECDsa? ecdsa, byte[]? ed25519)
    {
        (_ecdsa, _ed25519) = (ecdsa, ed25519);
        Public = ecdsa is not null
            ? new TufKey("ecdsa", TufKey.EcdsaScheme, ecdsa.ExportSubjectPublicKeyInfoPem() + "\n")
            : new TufKey(TufKey.Ed25519Scheme, TufKey.Ed25519Scheme, Convert.ToHexStringLower(Ed25519.PublicOf(ed25519)));
        Id = Public.NewId();
    }

    /// <summary>The public half.</summary>
    public TufKey Public { get; }

    /// <summary>Id under which documents name it.</summary>
    public string Id { get; }

    /// <summary>Makes an ECDSA key on P-256.</summary>
    public static TufSigningKey NewEcdsa() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), null);

    /// <summary>Makes an Ed25519 key.</summary>
    public static TufSigningKey NewEd25519() => new(null, Ed25519.NewSecret());

    /// <summary>True when a key in PEM is encrypted with a passphrase.</summary>
    public static bool IsEncrypted(string pem) => pem.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal);

    /// <summary>Reads a key from PEM (PKCS #8).</summary>
    /// <param name="pem">The PEM.</param>
    /// <param name="passphrase">The passphrase of one that is encrypted.</param>
    /// <exception cref="CryptographicException">Neither an Ed25519 key nor one on P-256, or not with this passphrase.</exception>
    public static TufSigningKey FromPem(string pem, string? passphrase = null)
    {
        if (Ed25519.SecretOf(pem) is { } secret)
            return new TufSigningKey(null, secret);

        var key = ECDsa.Create();
        try
        {
            if (IsEncrypted(pem))
                key.ImportFromEncryptedPem(pem, passphrase ?? "");
            else
                key.ImportFromPem(pem);
            if (key.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
                return new TufSigningKey(key, null);
        }
        catch (ArgumentException)
        {
            // Said below.
        }

        key.Dispose();
        throw new CryptographicException("The file holds no private key of Ed25519 or P-256 in PEM.");
    }

    /// <summary>The private key in PEM (PKCS #8).</summary>
    public string ToPem() => _ecdsa?.ExportPkcs8PrivateKeyPem() ?? Ed25519.PemOf(_ed25519!);

    /// <summary>The private key in PEM (PKCS #8), encrypted with a passphrase: AES-256, and 600,000 rounds of PBKDF2 with SHA-256.</summary>
    /// <exception cref="NotSupportedException">The key is one of Ed25519, which cannot be encrypted here.</exception>
    public string ToPem(string passphrase) => _ecdsa?.ExportEncryptedPkcs8PrivateKeyPem(passphrase, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 600_000))
        ?? throw new NotSupportedException("Keys of Ed25519 cannot be encrypted with a passphrase here; P-256 ones can.");

    /// <summary>Signature over bytes, in hexadecimal.</summary>
    public string Sign(ReadOnlySpan<byte> data) => Convert.ToHexStringLower(_ecdsa is { } key
        ? key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)
        : Ed25519.Sign(_ed25519, data));

    /// <inheritdoc/>
    public void Dispose()
    {
        _ecdsa?.Dispose();
        CryptographicOperations.ZeroMemory(_ed25519);
    }
}
