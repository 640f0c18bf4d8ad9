using System.Text;
using System.Text.Json;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Models;

/// <summary>Publishes packages whose files were put before. What is published is whole and was checked here, whoever made it.</summary>
internal sealed class PackageCommands(IDbContextFactory<FleetContext> contexts, PackageFiles files, PackageCheck check, IAuditLog audit, TimeProvider time)
{
    /// <summary>Publishes the package of a manifest that was put.</summary>
    public async Task<PackageEnding> PublishAsync(PublishRequest request, Person who, CancellationToken cancel)
    {
        if (!Sha256Digest.TryParse(request.Manifest, out var digest))
            return new PackageEnding.Refused($"'{request.Manifest}' is not the SHA-256 of a manifest: 64 lower-case hexadecimal digits.");
        if (!files.Has(digest))
            return new PackageEnding.Refused($"The manifest {digest.Short}... is not here. Put it first: PUT /api/packages/files/{digest}.");
        var (manifest, bytes, fault) = await ReadManifestAsync(digest, cancel);
        if (manifest is null)
            return new PackageEnding.Refused(fault);

        if (await FindAsync(manifest, cancel) is { } before)
        {
            return before.Digest == digest
                ? new PackageEnding.Already(await SummaryAsync(before, cancel))
                : new PackageEnding.Taken($"{manifest.Name} {manifest.Version} was published on {PackageShapes.Time(before.Published):yyyy-MM-dd} by {before.PublishedBy} with other content ({before.Digest.Short}...). A version never changes: pack this one under a new version.");
        }

        var missing = manifest.AllFiles.Where(f => !files.Has(f.Digest)).Select(f => f.Path).Distinct().ToList();
        if (missing.Count > 0)
            return new PackageEnding.Refused($"{manifest.Name} {manifest.Version} is not whole: {string.Join(", ", missing)} {(missing.Count == 1 ? "is" : "are")} missing here. Push it again.");

        var verdict = await check.RunAsync(digest, cancel);
        if (!verdict.Sound)
            return new PackageEnding.Refused($"{manifest.Name} {manifest.Version} is refused: {verdict.Summary}");

        var reason = verdict.Passed ? manifest.Unproven : verdict.Summary;
        if (reason is not null && !request.AllowUnproven)
            return new PackageEnding.Refused($"{manifest.Name} {manifest.Version} is refused: {reason}");
        if (reason is not null && !who.May(Policies.Admin))
            return new PackageEnding.Forbidden($"{manifest.Name} {manifest.Version} fails its check, and only an admin may keep it as unproven: {reason}");

        return await KeepAsync(digest, manifest, bytes, verdict, reason, who, cancel);
    }

    private async Task<PackageEnding> KeepAsync(
        Sha256Digest digest, Manifest manifest, byte[] bytes, PackageVerdict verdict, string? reason, Person who, CancellationToken cancel)
    {
        var package = new PublishedPackage
        {
            Name = manifest.Name,
            Version = manifest.Version,
            Digest = digest,
            ManifestSize = bytes.Length,
            Size = bytes.Length + manifest.AllFiles.DistinctBy(f => f.Digest).Sum(f => f.Size),
            State = reason is null ? PackageState.Released : PackageState.Unproven,
            Reason = reason,
            Published = time.GetUtcNow().ToUnixTimeMilliseconds(),
            PublishedBy = who.Name,
            Manifest = Encoding.UTF8.GetString(bytes),
            Variants = PackageShapes.Variants(manifest, await ReportAsync(manifest, cancel), verdict),
        };
        await using var db = await contexts.CreateDbContextAsync(cancel);
        db.Add(package);
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateException) when (!cancel.IsCancellationRequested)
        {
            // Somebody else published the same name and version while this one was checked.
            if (await FindAsync(manifest, cancel) is not { } other)
                throw;
            return other.Digest == digest
                ? new PackageEnding.Already(await SummaryAsync(other, cancel))
                : new PackageEnding.Taken($"{manifest.Name} {manifest.Version} was just published by {other.PublishedBy} with other content. Pack this one under a new version.");
        }

        await audit.RecordAsync(who.Name, reason is null ? "package.publish" : "package.publish-unproven", $"package {manifest.Name} {manifest.Version}", reason ?? digest.Value, cancel);
        return new PackageEnding.Published(PackageShapes.Summary(package, 0));
    }

    private async Task<(Manifest? Manifest, byte[] Bytes, string Fault)> ReadManifestAsync(Sha256Digest digest, CancellationToken cancel)
    {
        var path = files.PathOf(digest);
        if (new FileInfo(path).Length > ManifestReader.BytesMax)
            return (null, [], $"The file {digest.Short}... has more than {ManifestReader.BytesMax} bytes; it is no manifest.");
        try
        {
            var bytes = await File.ReadAllBytesAsync(path, cancel);
            return (ManifestReader.Read(bytes), bytes, "");
        }
        catch (ManifestException e)
        {
            return (null, [], e.Message);
        }
    }

    private async Task<PackageReport?> ReportAsync(Manifest manifest, CancellationToken cancel)
    {
        try
        {
            return PackageShapes.Report(await File.ReadAllBytesAsync(files.PathOf(manifest.Report.Digest), cancel));
        }
        catch (JsonException)
        {
            return null; // For people only; the server's own check stands beside it.
        }
    }

    private async Task<PublishedPackage?> FindAsync(Manifest manifest, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return await db.Set<PublishedPackage>().AsNoTracking().SingleOrDefaultAsync(p => p.Name == manifest.Name && p.Version == manifest.Version, cancel);
    }

    private async Task<PackageSummary> SummaryAsync(PublishedPackage package, CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        return PackageShapes.Summary(package, await PackageQueries.RunsOnAsync(db, package.Digest, cancel));
    }
}
