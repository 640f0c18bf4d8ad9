using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Models;

/// <summary>One published package: its name and version for people, the digest of its manifest for machines.</summary>
public sealed record PackageRef
{
    /// <summary>Name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>Version.</summary>
    public required string Version { get; init; }

    /// <summary>SHA-256 of <c>manifest.json</c>, which lists the hashes of every other file.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>Bytes of the manifest.</summary>
    public required long Size { get; init; }

    /// <summary><c>name@version</c>.</summary>
    public string Label => $"{Name}@{Version}";

    /// <inheritdoc/>
    public override string ToString() => Label;
}

/// <summary>A file of a package.</summary>
public sealed record FileRef
{
    /// <summary>Path within the package, with slashes.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of the content; the name under which the file is served and stored.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>Length in bytes.</summary>
    public required long Size { get; init; }
}
