using System.Security.Cryptography;
using System.Text.Json;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>Version, and maybe length and hashes, of a document that another one lists.</summary>
internal sealed record TufMeta(long Version, long? Length, IReadOnlyDictionary<string, string>? Hashes)
{
    public static TufMeta Read(TufJson json) => new(json.Count("version", 1), json.OptionalCount("length", 1, int.MaxValue), json.OptionalTexts("hashes"));
}

/// <summary>The root: keys and roles of the repository.</summary>
internal sealed record TufRoot(TufDocument Document, bool IsConsistent, IReadOnlyDictionary<string, TufKey> Keys, IReadOnlyDictionary<string, TufRole> Roles)
{
    public static TufRoot Read(byte[] bytes)
    {
        var document = TufDocument.Read(bytes, TufRoles.Root);
        var roles = document.Body.Map("roles", TufRole.Read);
        foreach (var role in (string[])[TufRoles.Root, TufRoles.Timestamp, TufRoles.Snapshot, TufRoles.Targets])
        {
            if (!roles.ContainsKey(role))
                throw document.Body.Fault($"has no role '{role}'");
        }

        return new TufRoot(document, document.Body.Flag("consistent_snapshot"), document.Body.Map("keys", TufKey.Read), roles);
    }
}

/// <summary>The timestamp: which snapshot is the latest.</summary>
internal sealed record TufTimestamp(TufDocument Document, TufMeta Snapshot)
{
    public static TufTimestamp Read(byte[] bytes)
    {
        var document = TufDocument.Read(bytes, TufRoles.Timestamp);
        return new TufTimestamp(document, TufMeta.Read(document.Body.Object("meta").Object("snapshot.json")));
    }
}

/// <summary>The snapshot: which targets documents belong together.</summary>
internal sealed record TufSnapshot(TufDocument Document, IReadOnlyDictionary<string, TufMeta> Files)
{
    public static TufSnapshot Read(byte[] bytes)
    {
        var document = TufDocument.Read(bytes, TufRoles.Snapshot);
        return new TufSnapshot(document, document.Body.Map("meta", TufMeta.Read));
    }
}

/// <summary>A targets document: files, and who else may list files.</summary>
internal sealed record TufTargets(TufDocument Document, IReadOnlyDictionary<string, TufTarget> Files, TufDelegations? Delegations)
{
    public static TufTargets Read(byte[] bytes, string role)
    {
        var document = TufDocument.Read(bytes, role);
        var body = document.Body;
        var files = body.Map("targets", TufTarget.Read).ToDictionary(f => f.Key, f => f.Value with { Path = f.Key }, StringComparer.Ordinal);
        return new TufTargets(document, files, body.OptionalObject("delegations") is { } delegations ? TufDelegations.Read(delegations) : null);
    }
}

/// <summary>A file that the repository lists.</summary>
public sealed record TufTarget
{
    /// <summary>Its path in the repository.</summary>
    public required string Path { get; init; }

    /// <summary>Length in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Hashes by name of the algorithm, in lower-case hexadecimal.</summary>
    public required IReadOnlyDictionary<string, string> Hashes { get; init; }

    /// <summary>What the signer says about it beyond that; null when nothing.</summary>
    public JsonElement? Custom { get; init; }

    /// <summary>True when the bytes are this file's: the length, and every hash of an algorithm that is known here, at least one.</summary>
    public bool Matches(ReadOnlySpan<byte> bytes) => TufHashes.Match(bytes, Length, Hashes);

    internal static TufTarget Read(TufJson json) => new()
    {
        Path = "",
        Length = json.Count("length", 0, long.MaxValue),
        Hashes = json.OptionalTexts("hashes") is { Count: > 0 } hashes ? hashes : throw json.Fault("has no hashes"),
        Custom = json.OptionalObject("custom")?.Value,
    };
}

/// <summary>Lengths and hashes against bytes.</summary>
internal static class TufHashes
{
    /// <summary>The hash under which a file is named: the first that is known here.</summary>
    public static string? First(IReadOnlyDictionary<string, string> hashes) => hashes.TryGetValue("sha256", out var hash) || hashes.TryGetValue("sha512", out hash) ? hash : null;

    public static bool Match(ReadOnlySpan<byte> bytes, long? length, IReadOnlyDictionary<string, string>? hashes)
    {
        if (length is { } expected && bytes.Length != expected)
            return false;
        if (hashes is null)
            return true;

        var known = 0;
        foreach (var (algorithm, hash) in hashes)
        {
            if (Hash(algorithm, bytes) is not { } actual)
                continue;
            if (!string.Equals(actual, hash, StringComparison.OrdinalIgnoreCase))
                return false;
            known++;
        }

        return known > 0;
    }

    private static string? Hash(string algorithm, ReadOnlySpan<byte> bytes) => algorithm switch
    {
        "sha256" => Convert.ToHexStringLower(SHA256.HashData(bytes)),
        "sha512" => Convert.ToHexStringLower(SHA512.HashData(bytes)),
        _ => null,
    };
}
