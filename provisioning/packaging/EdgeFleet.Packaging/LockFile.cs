using System.Text.Json;

namespace EdgeFleet.Packaging;

/// <summary>A NuGet package, with what it needs.</summary>
/// <param name="Name">Id.</param>
/// <param name="Version">Version that was resolved.</param>
/// <param name="Sha512">Hash of the package as the lock file pins it, in lower hex; null where it is not pinned there.</param>
/// <param name="Needs">Ids of the packages it depends on.</param>
internal sealed record NuGetPackage(string Name, string Version, string? Sha512, IReadOnlyList<string> Needs);

/// <summary>Reads <c>packages.lock.json</c>: what a build resolved, with hashes.</summary>
internal static class LockFile
{
    /// <summary>The packages for a runtime identifier, sorted by name; those for every machine come first in the file and are replaced by the machine's own.</summary>
    /// <exception cref="InvalidDataException">Not a lock file, or not one for this machine.</exception>
    public static IReadOnlyList<NuGetPackage> Read(string json, string rid)
    {
        using var document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("dependencies", out var groups))
            throw new InvalidDataException("The lock file has no dependencies.");

        var framework = groups.EnumerateObject().Select(g => g.Name).FirstOrDefault(n => !n.Contains('/', StringComparison.Ordinal))
            ?? throw new InvalidDataException("The lock file names no framework.");
        if (!groups.TryGetProperty($"{framework}/{rid}", out var own))
            throw new InvalidDataException($"The lock file says nothing of {rid}.");

        var packages = new SortedDictionary<string, NuGetPackage>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in groups.GetProperty(framework).EnumerateObject().Concat(own.EnumerateObject()).Where(e => e.Value.GetProperty("type").GetString() != "Project"))
            packages[entry.Name] = Package(entry.Name, entry.Value);
        return [.. packages.Values];
    }

    private static NuGetPackage Package(string name, JsonElement entry) => new(
        name,
        entry.GetProperty("resolved").GetString()!,
        entry.TryGetProperty("contentHash", out var hash) ? Convert.ToHexStringLower(Convert.FromBase64String(hash.GetString()!)) : null,
        entry.TryGetProperty("dependencies", out var needs) ? [.. needs.EnumerateObject().Select(n => n.Name).Order(StringComparer.OrdinalIgnoreCase)] : []);
}

/// <summary>Reads which .NET runtime a self-contained program brings along.</summary>
internal static class RuntimeConfig
{
    /// <summary>Its runtime packs, by the names that the registry knows them by.</summary>
    public static IReadOnlyList<NuGetPackage> Frameworks(string json, string rid)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("runtimeOptions").TryGetProperty("includedFrameworks", out var included)
            ? [.. included.EnumerateArray().Select(f => new NuGetPackage($"{f.GetProperty("name").GetString()}.Runtime.{rid}", f.GetProperty("version").GetString()!, null, []))]
            : [];
    }
}
