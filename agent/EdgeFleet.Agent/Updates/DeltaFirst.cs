using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Updates;

/// <summary>
/// Brings a file by the delta from an earlier version of it, where this board has one: the same variant, or the same path, of a package of that name which a slot serves or can return to. What
/// comes of it is counted for the report; when it fails, the whole file is fetched, if the board's settings let it.
/// </summary>
internal sealed class DeltaFirst(PackageShelf shelf, IPackageSource source, UpdateOptions options, DataBudget budget, TimeProvider time)
{
    // Smaller files are there before a delta is made.
    private const long FileBytesMin = 16 * 1024;

    private readonly DeltaDownload _download = new(shelf.Files, source, options, budget, time);
    private readonly HashSet<(Sha256Digest From, Sha256Digest To)> _broken = [];
    private (Sha256Digest Package, DeltaUse Use)? _counted;

    /// <summary>What deltas did for a package so far; null when none was asked for.</summary>
    public DeltaUse? UseOf(PackageRef package) => _counted is { } counted && counted.Package == package.Digest ? counted.Use : null;

    /// <summary>Brings a file.</summary>
    /// <param name="package">The package.</param>
    /// <param name="file">The file that is missing.</param>
    /// <param name="held">Packages whose files this board has.</param>
    /// <param name="whyNoRoom">Why so many bytes more do not fit the disk; null when they do.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>Null when the whole file is to be fetched.</returns>
    public async Task<DownloadEnd?> FetchAsync(PackageRef package, FileRef file, IReadOnlyCollection<PackageRef> held, Func<long, string?> whyNoRoom, CancellationToken cancel)
    {
        if (!options.Deltas || file.Size < FileBytesMin || BaseOf(package, file, held) is not { } from)
            return null;
        // A whole file that was begun is nearer than a delta that failed.
        if (options.WholeFiles && (_broken.Contains((from, file.Digest)) || File.Exists(shelf.Files.IncomingPathOf(file.Digest))))
            return null;

        var what = $"{file.Path} of {package.Label}";
        var end = await _download.FetchAsync(file, from, what, whyNoRoom, cancel);
        if (end is DeltaEnd.Waits waits)
            return new DownloadEnd.Waits(waits.Why);

        Count(package, file, from, end);
        if (end is DeltaEnd.Built)
            shelf.Files.Disk.Delete(shelf.Files.IncomingPathOf(file.Digest)); // What came of the whole file before the settings forbade it.
        return end switch
        {
            DeltaEnd.Built => new DownloadEnd.Done(),
            _ when options.WholeFiles => null,
            DeltaEnd.Failed failed => new DownloadEnd.Failed($"{failed.Reason} The whole file is not fetched instead (Updates:WholeFiles).", FailureKind.Local, Final: false, failed.RetryAfter),
            _ => new DownloadEnd.Failed($"The server has no delta of {what}, and the whole file is not fetched here (Updates:WholeFiles).", FailureKind.Local, Final: true),
        };
    }

    private Sha256Digest? BaseOf(PackageRef package, FileRef file, IReadOnlyCollection<PackageRef> held)
    {
        if (shelf.ManifestOf(package) is not { } manifest)
            return null;

        var roles = FileRole.Of(manifest).Where(r => r.File.Digest == file.Digest).Select(r => r.Role).ToHashSet();
        return held.Where(p => p.Name == package.Name).Select(shelf.ManifestOf).OfType<Manifest>().SelectMany(FileRole.Of)
            .Where(r => roles.Contains(r.Role) && r.File.Digest != file.Digest && shelf.Files.Has(r.File.Digest))
            .Select(r => (Sha256Digest?)r.File.Digest).FirstOrDefault();
    }

    private void Count(PackageRef package, FileRef file, Sha256Digest from, DeltaEnd end)
    {
        var use = UseOf(package) ?? new DeltaUse();
        if (end is DeltaEnd.Failed { IsBroken: true })
            _broken.Add((from, file.Digest));
        _counted = (package.Digest, end switch
        {
            DeltaEnd.Built built => use with { Built = use.Built + 1, Bytes = use.Bytes + built.Bytes, FileBytes = use.FileBytes + file.Size },
            DeltaEnd.Failed failed => use with { Failed = use.Failed + 1, Reason = failed.Reason },
            _ => use with { Absent = use.Absent + 1 },
        });
    }
}
