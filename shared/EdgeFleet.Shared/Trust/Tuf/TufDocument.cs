using System.Text.Json;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>What every signed document has: a body of some kind, its version and its end, and signatures over the body's canonical form.</summary>
internal sealed record TufDocument
{
    private const int SignaturesMax = 256;
    private const int DepthMax = 32;

    public required string Role { get; init; }

    public required long Version { get; init; }

    public required DateTimeOffset Expires { get; init; }

    public required byte[] SignedBytes { get; init; }

    public required IReadOnlyDictionary<string, string> Signatures { get; init; }

    public required TufJson Body { get; init; }

    /// <summary>Reads a document of one kind.</summary>
    /// <param name="bytes">Bytes as they came.</param>
    /// <param name="role">Role whose document it should be.</param>
    /// <exception cref="TufException">Not such a document; nothing in it was used.</exception>
    public static TufDocument Read(byte[] bytes, string role)
    {
        try
        {
            // A name that stands twice means one thing to one reader and another to the next.
            var options = new JsonDocumentOptions { MaxDepth = DepthMax, AllowDuplicateProperties = false };
            using var document = JsonDocument.Parse(bytes, options);
            var all = new TufJson(document.RootElement.Clone(), role);
            var body = all.Object("signed");
            var kind = TufRoles.IsTopLevel(role) ? role : TufRoles.Targets;
            if (body.Text("_type") is var type && type != kind)
                throw body.Fault($"is of the kind '{type}', where '{kind}' was expected");
            if (body.Text("spec_version") is var version && version.Split('.') is not ["1", _, ..])
                throw body.Fault($"is written for version {version} of TUF; this side reads version 1");

            return new TufDocument
            {
                Role = role,
                Version = body.Count("version", 1),
                Expires = body.Time("expires"),
                SignedBytes = CanonicalJson.Encode(body.Value),
                Signatures = ReadSignatures(all),
                Body = body,
            };
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new TufException(TufFault.Malformed, role, $"the document cannot be read: {e.Message}");
        }
    }

    /// <summary>Refuses the document unless enough different keys of a role signed it.</summary>
    public void Verify(TufRole role, IReadOnlyDictionary<string, TufKey> keys)
    {
        var signers = role.KeyIds
            .Where(id => keys.TryGetValue(id, out var key) && Signatures.TryGetValue(id, out var signature) && key.Verifies(SignedBytes, signature))
            .Select(id => keys[id].Material)
            .Distinct(StringComparer.Ordinal)
            .Count();
        if (signers < role.Threshold)
            throw new TufException(TufFault.Unsigned, Role, $"version {Version} is signed by {signers} of the {role.KeyIds.Count} keys that may sign it; {role.Threshold} must.");
    }

    /// <summary>Refuses the document when it ended before a time.</summary>
    public void CheckExpiry(DateTimeOffset now)
    {
        if (now >= Expires)
            throw new TufException(TufFault.Expired, Role, $"version {Version} ended on {Expires:yyyy-MM-dd HH:mm} UTC, and it is {now:yyyy-MM-dd HH:mm}.");
    }

    private static Dictionary<string, string> ReadSignatures(TufJson document)
    {
        var signatures = document.Objects("signatures");
        if (signatures.Count > SignaturesMax)
            throw document.Fault($"has more than {SignaturesMax} signatures");

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var signature in signatures)
        {
            if (!map.TryAdd(signature.Text("keyid"), signature.Text("sig")))
                throw document.Fault("has two signatures of one key");
        }

        return map;
    }
}
