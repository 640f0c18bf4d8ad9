using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Files;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>
/// Writes everything that the control plane keeps into one tar archive, beside a control plane that runs: the database first, at one
/// moment, then files that only ever come to it.
/// </summary>
internal sealed class BackupWriter(DataFolder folder, IDbContextFactory<FleetContext> contexts, DatabaseOptions database, TimeProvider time)
{
    private readonly List<BackupFile> _written = [];

    /// <summary>Files that were left out because the disk has spoilt them, with the reason.</summary>
    public List<string> LeftOut { get; } = [];

    /// <summary>Writes the archive.</summary>
    /// <param name="archive">Where to.</param>
    /// <param name="progress">Told after each file: how many, and how many bytes.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="BackupException">Something could not be read; the archive is worth nothing.</exception>
    public async Task<BackupIndex> WriteAsync(Stream archive, Action<int, long> progress, CancellationToken cancel)
    {
        var scratch = folder.PathOf($".backup-{Guid.NewGuid():n}");
        Directory.CreateDirectory(scratch, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            await using var tar = new TarWriter(archive, TarEntryFormat.Pax, leaveOpen: true);
            var (made, migrations) = (time.GetUtcNow(), await MigrationsAsync(cancel));
            await foreach (var (file, path) in FilesAsync(scratch, cancel))
            {
                await AddAsync(tar, file, path, cancel);
                progress(_written.Count, _written.Sum(f => f.Bytes));
            }

            var index = new BackupIndex
            {
                Format = BackupIndex.CurrentFormat,
                Made = made,
                Program = typeof(BackupWriter).Assembly.GetName().Version!.ToString(3),
                Provider = database.Provider,
                Migrations = migrations,
                Files = _written,
            };
            using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(index, BackupJson.Default.BackupIndex));
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, BackupIndex.EntryName) { DataStream = json, ModificationTime = made }, cancel);
            return index;
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    // Copies of databases are made one at a time, so that no more than one of them takes space.
    private async IAsyncEnumerable<(string File, string Path)> FilesAsync(string scratch, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        if (database.Provider == DatabaseOptions.Postgres)
        {
            var dump = Path.Combine(scratch, PostgresCopy.Entry);
            await PostgresCopy.DumpAsync(database.Connection, dump, cancel);
            yield return (dump, PostgresCopy.Entry);
            File.Delete(dump);
        }
        else
        {
            await using var db = await contexts.CreateDbContextAsync(cancel);
            yield return (Copied(db.Database.GetDbConnection().DataSource, scratch), SqliteCopy.FleetEntry);
            foreach (var day in SqliteCopy.TelemetryFiles(folder))
                yield return (Copied(day, scratch), $"{SqliteCopy.TelemetryFolder}/{Path.GetFileName(day)}");
        }

        foreach (var path in BackupContents.PlainFiles(folder))
            yield return (folder.PathOf(path), path);
    }

    private static string Copied(string database, string scratch)
    {
        var copy = Path.Combine(scratch, "copy.db");
        File.Delete(copy);
        SqliteCopy.To(database, copy);
        return copy;
    }

    private async Task AddAsync(TarWriter tar, string file, string path, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        try
        {
            await using var content = File.OpenRead(file);
            var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancel));
            if (BackupContents.PromisedHash(path) is { } promised && promised != hash)
            {
                LeftOut.Add($"{folder.PathOf(path)} is damaged: it does not have the hash that it is named by. Whoever asks for it gets a file that he refuses; put the good file in its place, or push the package again.");
                return;
            }

            content.Position = 0;
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = content, Mode = File.GetUnixFileMode(file), ModificationTime = File.GetLastWriteTimeUtc(file) }, cancel);
            _written.Add(new BackupFile(path, content.Length, hash));
        }
        catch (FileNotFoundException)
        {
            // Retention, or a newer list of packages, took it away in this moment.
        }
        catch (UnauthorizedAccessException e)
        {
            throw new BackupException($"{file} may not be read: {e.Message} Run this as the user of the control plane: sudo -u edgefleet-controlplane edgefleet-controlplane backup FILE", e);
        }
    }

    private async Task<IReadOnlyList<string>> MigrationsAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancel)).ToList();
        return applied.Count > 0 ? applied : throw new BackupException($"There is no control plane's database yet in {folder.Root}. Name its data folder by --config FILE, or start it once.");
    }
}
