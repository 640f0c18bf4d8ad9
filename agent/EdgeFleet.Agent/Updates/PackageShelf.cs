using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>The packages on disk: which files belong to one, whether they are all there, and what may go.</summary>
/// <param name="files">The files.</param>
/// <param name="compiled">What was made of them on this board, which goes with them; null where nothing is.</param>
internal sealed class PackageShelf(ContentStore files, CompiledStore? compiled = null)
{
    /// <summary>The store behind it.</summary>
    public ContentStore Files => files;

    /// <summary>The manifest on disk; null when it is absent or damaged.</summary>
    public Manifest? ManifestOf(PackageRef package)
    {
        try
        {
            var bytes = files.Has(package.Digest) ? File.ReadAllBytes(files.PathOf(package.Digest)) : [];
            return Sha256Digest.Of(bytes) == package.Digest ? ManifestReader.Read(bytes) : null;
        }
        catch (Exception e) when (e is IOException or ManifestException)
        {
            return null;
        }
    }

    /// <summary>True when the manifest, its files and at least one variant are there.</summary>
    public bool IsWhole(PackageRef package) => ManifestOf(package) is { } manifest
        && manifest.Files.All(f => files.Has(f.Digest)) && manifest.Variants.Any(v => files.Has(v.File.Digest));

    /// <summary>The release floor that a package on disk asks for its model; empty for none, or when its manifest cannot be read.</summary>
    public string FloorOf(PackageRef package) => ManifestOf(package)?.ReleaseFloor ?? "";

    /// <summary>Removes every file, whole or half, that belongs to none of the packages; returns how many.</summary>
    /// <param name="serving">Packages that slots serve or can return to. If the files of one are not known, because its manifest cannot be read now, nothing is removed.</param>
    /// <param name="candidates">Packages on their way in.</param>
    public int Sweep(IReadOnlyCollection<PackageRef> serving, IReadOnlyCollection<PackageRef> candidates)
    {
        if (serving.Any(p => ManifestOf(p) is null))
            return 0;

        var wanted = serving.Concat(candidates).SelectMany(DigestsOf).ToHashSet();
        var removed = files.RemoveAllBut(wanted);
        foreach (var half in files.Incoming().Where(p => !(DeltaDownload.TryParse(p, out var d) && wanted.Contains(d) && !files.Has(d))).ToList())
        {
            files.Disk.Delete(half);
            removed++;
        }

        compiled?.Sweep();
        return removed;
    }

    private IEnumerable<Sha256Digest> DigestsOf(PackageRef package) => ManifestOf(package) is { } manifest
        ? manifest.Files.Concat(manifest.Variants.Select(v => v.File)).Select(f => f.Digest).Prepend(package.Digest)
        : [package.Digest];
}
