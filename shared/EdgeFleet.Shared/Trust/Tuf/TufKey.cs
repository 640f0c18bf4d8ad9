using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>
/// A public key of a repository: Ed25519, ECDSA on P-256, or RSA with PSS, which others' repositories use. Its id is a name that the document
/// gives it; what is counted towards a threshold is the key itself, so one key under two names counts once.
/// </summary>
/// <param name="KeyType">"ed25519", "ecdsa" or "rsa".</param>
/// <param name="Scheme">How it signs.</param>
/// <param name="Public">The key: hexadecimal for Ed25519, PEM for the others.</param>
public sealed record TufKey(string KeyType, string Scheme, string Public)
{
    /// <summary>Scheme of Ed25519.</summary>
    public const string Ed25519Scheme = "ed25519";

    /// <summary>Scheme of ECDSA on P-256 with SHA-256.</summary>
    public const string EcdsaScheme = "ecdsa-sha2-nistp256";

    private const string RsaScheme = "rsassa-pss-sha256";
    private const int RsaBitsMin = 2048;

    /// <summary>True when the signature, in hexadecimal, over the data is this key's. A key or signature that cannot be read verifies nothing.</summary>
    public bool Verifies(ReadOnlySpan<byte> data, string signature)
    {
        try
        {
            var bytes = Convert.FromHexString(signature);
            return (KeyType, Scheme) switch
            {
                ("ed25519", Ed25519Scheme) => Ed25519.Verify(Convert.FromHexString(Public), data, bytes),
                ("ecdsa" or EcdsaScheme, EcdsaScheme) => VerifyEcdsa(data, bytes),
                ("rsa", RsaScheme) => VerifyRsa(data, bytes),
                _ => false,
            };
        }
        catch (Exception e) when (e is FormatException or CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>The key as documents carry it.</summary>
    public JsonObject ToJson() => new() { ["keytype"] = KeyType, ["keyval"] = new JsonObject { ["public"] = Public }, ["scheme"] = Scheme };

    /// <summary>Reads a key as documents carry it.</summary>
    /// <exception cref="TufException">Not a key.</exception>
    public static TufKey FromJson(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(new TufJson(document.RootElement, "key"));
        }
        catch (JsonException e)
        {
            throw new TufException(TufFault.Malformed, "key", $"it cannot be read: {e.Message}");
        }
    }

    /// <summary>The id that the specification gives a key: SHA-256 of its canonical form, in hexadecimal.</summary>
    public string NewId()
    {
        using var document = JsonDocument.Parse(ToJson().ToJsonString());
        return Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Encode(document.RootElement)));
    }

    /// <summary>What makes two keys one, whatever they are called and however their text is broken into lines.</summary>
    internal string Material
    {
        get
        {
            var text = string.Concat(Public.Where(c => !char.IsWhiteSpace(c)));
            return KeyType == Ed25519Scheme ? text.ToLowerInvariant() : text;
        }
    }

    internal static TufKey Read(TufJson json) => new(json.Text("keytype"), json.Text("scheme"), json.Object("keyval").Text("public"));

    private bool VerifyEcdsa(ReadOnlySpan<byte> data, byte[] signature)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(Spki(), out _);
        return key.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
            && key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private bool VerifyRsa(ReadOnlySpan<byte> data, byte[] signature)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(Spki(), out _);
        return key.KeySize >= RsaBitsMin && key.VerifyData(data, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
    }

    // Only a public key's PEM: the library would read a private one as well.
    private byte[] Spki() => PemEncoding.Find(Public) is var fields && Public[fields.Label] is "PUBLIC KEY"
        ? Convert.FromBase64String(Public[fields.Base64Data])
        : throw new FormatException("The key is not a public key in PEM.");
}
