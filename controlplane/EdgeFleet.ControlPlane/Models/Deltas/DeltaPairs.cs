using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Models.Deltas;

/// <summary>Between which files a delta is made: those that stand for each other in two versions of a package, the second one not withdrawn.</summary>
internal sealed class DeltaPairs(IDbContextFactory<FleetContext> contexts, PackageFiles files)
{
    /// <summary>Why there is none for a pair; null when there may be one.</summary>
    /// <param name="pair">The files.</param>
    /// <param name="bytesMax">Largest file for which one is made.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<string?> WhyNotAsync(DeltaPair pair, long bytesMax, CancellationToken cancel)
    {
        if (pair.From == pair.To || !files.Has(pair.From) || !files.Has(pair.To))
            return $"There are no two files {pair.From.Short} and {pair.To.Short} here.";
        if (Bytes(pair.From) > bytesMax || Bytes(pair.To) > bytesMax)
            return $"Deltas are made for files of at most {bytesMax} bytes (Deltas:FileMbMax).";

        await using var db = await contexts.CreateDbContextAsync(cancel);
        var (olds, news) = (await WithAsync(db, pair.From, cancel), await WithAsync(db, pair.To, cancel));
        return news.Where(n => n.State != PackageState.Withdrawn).Any(n => olds.Any(o => o.Name == n.Name && FileRole.AreAlike(PackageShapes.Manifest(o), pair.From, PackageShapes.Manifest(n), pair.To)))
            ? null
            : $"{pair.From.Short} and {pair.To.Short} are not the same part of two versions of a package.";
    }

    private long Bytes(Sha256Digest digest) => new FileInfo(files.PathOf(digest)).Length;

    private static Task<List<PublishedPackage>> WithAsync(FleetContext db, Sha256Digest file, CancellationToken cancel) =>
        db.Set<PublishedPackage>().AsNoTracking().Where(p => p.Manifest.Contains(file.Value)).ToListAsync(cancel);
}
