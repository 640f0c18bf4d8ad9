using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>Published packages for pages and programs.</summary>
internal sealed class PackageQueries(IDbContextFactory<FleetContext> contexts, PackageFiles files)
{
    /// <summary>All versions, by name, the newest first.</summary>
    public async Task<IReadOnlyList<PackageSummary>> ListAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var packages = await db.Set<PublishedPackage>().AsNoTracking().OrderBy(p => p.Name).ThenByDescending(p => p.Id).ToListAsync(cancel);
        var runs = await db.Set<DeviceSlot>().Where(s => s.ActiveDigest != null).GroupBy(s => s.ActiveDigest).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(cancel);
        var byDigest = runs.ToDictionary(r => r.Key!.Value, r => r.Count);
        return [.. packages.Select(p => PackageShapes.Summary(p, byDigest.GetValueOrDefault(p.Digest)))];
    }

    /// <summary>One version; null if there is none.</summary>
    public async Task<PackageDetail?> FindAsync(string name, string version, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        if (await db.Set<PublishedPackage>().AsNoTracking().SingleOrDefaultAsync(p => p.Name == name && p.Version == version, cancel) is not { } package)
            return null;

        var manifest = PackageShapes.Manifest(package);
        return new PackageDetail(PackageShapes.Summary(package, await RunsOnAsync(db, package.Digest, cancel)), manifest, await ReportAsync(manifest, cancel));
    }

    /// <summary>Slots that serve a package now.</summary>
    public static Task<int> RunsOnAsync(FleetContext db, Sha256Digest digest, CancellationToken cancel) =>
        db.Set<DeviceSlot>().CountAsync(s => s.ActiveDigest == digest, cancel);

    private async Task<PackageReport> ReportAsync(Manifest manifest, CancellationToken cancel)
    {
        var none = new PackageReport { Float = new Dictionary<string, SplitScore>(), Variants = [] };
        try
        {
            return PackageShapes.Report(await File.ReadAllBytesAsync(files.PathOf(manifest.Report.Digest), cancel)) ?? none;
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            return none; // The report is for people; a version without a readable one is still a version.
        }
    }
}
