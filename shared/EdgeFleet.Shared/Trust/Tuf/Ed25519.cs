using NSec.Cryptography;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>Ed25519 by libsodium: .NET has none of its own.</summary>
internal static class Ed25519
{
    /// <summary>True when the signature over the data is by the key; false for a key or signature of another length.</summary>
    public static bool Verify(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        NSec.Cryptography.PublicKey.TryImport(SignatureAlgorithm.Ed25519, key, KeyBlobFormat.RawPublicKey, out var imported)
        && SignatureAlgorithm.Ed25519.Verify(imported!, data, signature);

    /// <summary>Makes a key: its 32 secret bytes.</summary>
    public static byte[] NewSecret()
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        return key.Export(KeyBlobFormat.RawPrivateKey);
    }

    /// <summary>The public half of a secret.</summary>
    public static byte[] PublicOf(ReadOnlySpan<byte> secret)
    {
        using var key = Key.Import(SignatureAlgorithm.Ed25519, secret, KeyBlobFormat.RawPrivateKey);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    /// <summary>Signs.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> secret, ReadOnlySpan<byte> data)
    {
        using var key = Key.Import(SignatureAlgorithm.Ed25519, secret, KeyBlobFormat.RawPrivateKey);
        return SignatureAlgorithm.Ed25519.Sign(key, data);
    }

    /// <summary>A secret in PEM (PKCS #8).</summary>
    public static string PemOf(ReadOnlySpan<byte> secret)
    {
        using var key = Key.Import(SignatureAlgorithm.Ed25519, secret, KeyBlobFormat.RawPrivateKey, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        return System.Text.Encoding.ASCII.GetString(key.Export(KeyBlobFormat.PkixPrivateKeyText));
    }

    /// <summary>The secret in a PEM text; null when it is not one of Ed25519.</summary>
    public static byte[]? SecretOf(string pem)
    {
        var parameters = new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };
        if (!Key.TryImport(SignatureAlgorithm.Ed25519, System.Text.Encoding.ASCII.GetBytes(pem), KeyBlobFormat.PkixPrivateKeyText, out var key, parameters))
            return null;

        using (key)
            return key!.Export(KeyBlobFormat.RawPrivateKey);
    }
}
