using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Shared.Models;

/// <summary>What a file is for in a package: by this, files of two versions stand for each other.</summary>
/// <param name="Role">The variant's name for its file, else the path.</param>
/// <param name="File">The file.</param>
public sealed record FileRole(string Role, FileRef File)
{
    /// <summary>The files of a package with their roles; one file may have several.</summary>
    public static IEnumerable<FileRole> Of(Manifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return manifest.Variants.Select(v => new FileRole($"variant {v.Name}", v.File)).Concat(manifest.Files.Select(f => new FileRole(f.Path, f)));
    }

    /// <summary>True when two files have a role in common, each in its own package.</summary>
    public static bool AreAlike(Manifest one, Sha256Digest file, Manifest other, Sha256Digest otherFile) =>
        Of(one).Where(r => r.File.Digest == file).Select(r => r.Role).Intersect(Of(other).Where(r => r.File.Digest == otherFile).Select(r => r.Role)).Any();
}
