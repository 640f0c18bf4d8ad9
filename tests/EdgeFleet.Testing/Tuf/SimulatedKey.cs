using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.Testing.Tuf;

/// <summary>A signing key of a simulated repository, with its public half as documents carry it, which a test may bend.</summary>
public sealed class SimulatedKey
{
    private readonly Func<byte[], string> _sign;

    private SimulatedKey(TufKey key, Func<byte[], string> sign)
    {
        (Json, _sign) = (key.ToJson(), sign);
        Id = key.NewId();
    }

    /// <summary>Id under which documents name it.</summary>
    public string Id { get; private set; }

    /// <summary>The public half.</summary>
    public JsonObject Json { get; }

    /// <summary>Makes a key of one scheme.</summary>
    public static SimulatedKey New(string scheme = TufKey.EcdsaScheme)
    {
        if (scheme == TufKey.EcdsaScheme)
            return Of(TufSigningKey.NewEcdsa());
        if (scheme == TufKey.Ed25519Scheme)
            return Of(TufSigningKey.NewEd25519());

        var rsa = RSA.Create(2048);
        return new SimulatedKey(
            new TufKey("rsa", "rsassa-pss-sha256", rsa.ExportSubjectPublicKeyInfoPem() + "\n"),
            data => Convert.ToHexStringLower(rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)));
    }

    /// <summary>Adds a field that no specification knows, which changes the id.</summary>
    public SimulatedKey With(string name, JsonNode value)
    {
        Json[name] = value;
        Id = Convert.ToHexStringLower(SHA256.HashData(SimulatedRepository.Canonical(Json)));
        return this;
    }

    /// <summary>Signs.</summary>
    public JsonObject Sign(byte[] data) => new() { ["keyid"] = Id, ["sig"] = _sign(data) };

    private static SimulatedKey Of(TufSigningKey key) => new(key.Public, data => key.Sign(data));
}
