using System.Security.Cryptography;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Trust;

/// <summary>A public key that may sign: ECDSA on P-256. Its id is the SHA-256 of the SubjectPublicKeyInfo.</summary>
public sealed record PublicKey
{
    /// <summary>Id, 64 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>SubjectPublicKeyInfo, base64 of DER.</summary>
    public required string Spki { get; init; }

    /// <summary>The public half of a key.</summary>
    public static PublicKey Of(ECDsa key)
    {
        var spki = key.ExportSubjectPublicKeyInfo();
        return new PublicKey { Id = Sha256Digest.Of(spki).Value, Spki = Convert.ToBase64String(spki) };
    }

    /// <summary>True when the signature (IEEE P1363 form, SHA-256) over the data is this key's. A key whose id is not its own hash verifies nothing.</summary>
    public bool Verifies(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            var spki = Convert.FromBase64String(Spki);
            if (Sha256Digest.Of(spki).Value != Id)
                return false;

            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(spki, out _);
            return key.KeySize == 256 && key.VerifyData(data, signature, HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            return false;
        }
    }
}
