using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>Writes documents of a repository: a body, and signatures over its canonical form.</summary>
internal static class TufSeal
{
    public const string SpecVersion = "1.0.34";

    public static JsonObject Body(string type, int version, DateTimeOffset expires) => new()
    {
        ["_type"] = type, ["spec_version"] = SpecVersion, ["version"] = version, ["expires"] = Time(expires),
    };

    public static byte[] SignedBytes(JsonObject body)
    {
        using var document = JsonDocument.Parse(body.ToJsonString());
        return CanonicalJson.Encode(document.RootElement);
    }

    public static JsonObject Sign(JsonObject body, TufSigningKey key) => new() { ["keyid"] = key.Id, ["sig"] = key.Sign(SignedBytes(body)) };

    public static byte[] ToBytes(JsonObject body, JsonArray signatures) =>
        Encoding.UTF8.GetBytes(new JsonObject { ["signatures"] = signatures.DeepClone(), ["signed"] = body.DeepClone() }.ToJsonString() + "\n");

    public static byte[] Sealed(JsonObject body, TufSigningKey key)
    {
        var signatures = new JsonArray();
        signatures.Add((JsonNode)Sign(body, key));
        return ToBytes(body, signatures);
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
