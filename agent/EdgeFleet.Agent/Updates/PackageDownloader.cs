using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using Microsoft.Extensions.Options;

namespace EdgeFleet.Agent.Updates;

/// <summary>Brings a package to disk: the manifest, then the variant that fits this board best, the one to fall back to, and the files besides. What is there already is hashed, not fetched.</summary>
internal sealed class PackageDownloader(PackageShelf shelf, IPackageSource source, BoardFacts board, IOptions<UpdateOptions> options, TimeProvider time)
{
    private const long Mb = 1024 * 1024;

    private DeltaFirst? _deltas;

    /// <summary>What may be fetched on a day.</summary>
    public DataBudget Budget { get; init; } = DataBudget.Unbounded;

    /// <summary>Free bytes where a path lies; a test has a full disk here.</summary>
    internal Func<string, long> FreeBytes { get; init; } = path => new DriveInfo(path).AvailableFreeSpace;

    /// <summary>Tries once to bring everything that is missing, every file whole.</summary>
    /// <param name="package">The package.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="makeRoom">Called when the disk is too full, before it is looked at again.</param>
    /// <param name="cancel">Ends it; what came is kept.</param>
    public Task<DownloadEnd> FetchAsync(PackageRef package, Action<double> progress, Action makeRoom, CancellationToken cancel) => FetchAsync(package, [], progress, makeRoom, cancel);

    /// <summary>Tries once to bring everything that is missing, by deltas where there are some.</summary>
    /// <param name="package">The package.</param>
    /// <param name="held">Packages whose files this board has and keeps: from those, deltas are asked for.</param>
    /// <param name="progress">Told the share that is done, 0 to 1.</param>
    /// <param name="makeRoom">Called when the disk is too full, before it is looked at again.</param>
    /// <param name="cancel">Ends it; what came is kept.</param>
    public async Task<DownloadEnd> FetchAsync(PackageRef package, IReadOnlyCollection<PackageRef> held, Action<double> progress, Action makeRoom, CancellationToken cancel)
    {
        if (package.Size is < 2 or > ManifestReader.BytesMax)
            return Final($"The wish names a manifest of {package.Size} bytes; at most {ManifestReader.BytesMax} are read.");

        var fetch = new FileDownload(shelf.Files, source, options.Value, Budget, time);
        if (await NeedsAsync(new FileRef { Path = "manifest.json", Digest = package.Digest, Size = package.Size }, cancel)
            && await fetch.FetchAsync(package.Digest, package.Size, $"the manifest of {package.Label}", _ => { }, cancel) is not DownloadEnd.Done and var noManifest)
            return noManifest;

        Manifest manifest;
        try
        {
            manifest = ManifestReader.Read(await File.ReadAllBytesAsync(shelf.Files.PathOf(package.Digest), cancel));
        }
        catch (ManifestException e)
        {
            return Final(e.Message);
        }

        if (VariantChooser.Choose(manifest, board, out var reason) is null)
            return Final(reason);

        var wanted = VariantChooser.Kept(manifest, board).Select(v => v.File).Concat(manifest.Files).DistinctBy(f => f.Digest).ToList();
        var total = wanted.Sum(f => f.Size);
        if (total > options.Value.PackageSizeMbMax * Mb)
            return new DownloadEnd.Failed($"{package.Label} has {total / Mb} MB; this board takes {options.Value.PackageSizeMbMax} MB (Updates:PackageSizeMbMax).", FailureKind.Local, Final: true);

        return await FetchAsync(package, held, wanted, progress, makeRoom, fetch, cancel) with { Deltas = _deltas?.UseOf(package) };
    }

    private async Task<DownloadEnd> FetchAsync(
        PackageRef package, IReadOnlyCollection<PackageRef> held, List<FileRef> wanted, Action<double> progress, Action makeRoom, FileDownload fetch, CancellationToken cancel)
    {
        var missing = new List<FileRef>();
        foreach (var file in wanted)
        {
            if (await NeedsAsync(file, cancel))
                missing.Add(file);
        }

        var (left, total) = (missing.Sum(f => f.Size - HeldBytes(f)), wanted.Sum(f => f.Size));
        _deltas ??= new DeltaFirst(shelf, source, options.Value, Budget, time);
        if (WhyNoRoom(package, left) is not null)
            makeRoom();
        if (WhyNoRoom(package, left) is { } full)
            return new DownloadEnd.Failed(full, FailureKind.Local, Final: false);

        foreach (var file in missing)
        {
            void Got(long bytes) => progress(1 - ((double)(left -= bytes) / Math.Max(1, total)));
            switch (await _deltas.FetchAsync(package, file, held, bytes => WhyNoRoom(package, left + bytes), cancel))
            {
                case DownloadEnd.Done:
                    Got(file.Size);
                    continue;
                case { } noDelta:
                    return noDelta;
            }

            if (await fetch.FetchAsync(file.Digest, file.Size, $"{file.Path} of {package.Label}", Got, cancel) is not DownloadEnd.Done and var missed)
                return missed;
        }

        return new DownloadEnd.Done();
    }

    /// <summary>Bytes of the package that are on disk, whole or half: a try that raised them made progress.</summary>
    public long BytesHeld(PackageRef package)
    {
        if (shelf.ManifestOf(package) is not { } manifest)
            return 0;

        return package.Size + manifest.Files.Concat(manifest.Variants.Select(v => v.File)).DistinctBy(f => f.Digest)
            .Sum(f => shelf.Files.Has(f.Digest) ? f.Size : HeldBytes(f) + DeltaDownload.HeldBytes(shelf.Files, f.Digest));
    }

    private long HeldBytes(FileRef file)
    {
        var half = new FileInfo(shelf.Files.IncomingPathOf(file.Digest));
        return half.Exists ? Math.Min(half.Length, file.Size) : 0;
    }

    // A file that is there is hashed: a damaged one is fetched anew, so that a new wish can heal a board.
    private async Task<bool> NeedsAsync(FileRef file, CancellationToken cancel)
    {
        if (!shelf.Files.Has(file.Digest))
            return true;
        try
        {
            if (await EdgeFleet.Shared.Identity.Sha256Digest.OfFileAsync(shelf.Files.PathOf(file.Digest), cancel) == file.Digest)
                return false;
        }
        catch (IOException)
        {
            // A bad sector is damage too: what is fetched anew lies elsewhere on the disk.
        }

        shelf.Files.Remove(file.Digest);
        return true;
    }

    private string? WhyNoRoom(PackageRef package, long left)
    {
        var (free, reserve) = (FreeBytes(shelf.Files.Root), options.Value.SpaceReserveMb * Mb);
        return free - left >= reserve
            ? null
            : $"{package.Label} needs {left / Mb + 1} MB more; {free / Mb} MB are free and {reserve / Mb} MB must stay so. Free space below {shelf.Files.Root}.";
    }

    private static DownloadEnd.Failed Final(string reason) => new(reason, FailureKind.Deterministic, Final: true);
}
