using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>Unpacks a backup beside the place that it is for, and checks every byte of it before anything else is touched.</summary>
internal static class ArchiveReader
{
    private const int IndexBytesMax = 512 * 1024 * 1024;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Unpacks.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="into">An empty folder.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="BackupException">It is no whole backup.</exception>
    public static async Task<BackupIndex> UnpackAsync(Stream archive, string into, CancellationToken cancel)
    {
        var read = new Dictionary<string, BackupFile>(StringComparer.Ordinal);
        try
        {
            await using var tar = new TarReader(archive, leaveOpen: true);
            while (await tar.GetNextEntryAsync(copyData: false, cancel) is { } entry)
            {
                if (entry.Name == BackupIndex.EntryName)
                    return Check(await IndexAsync(entry, cancel), read);

                read[entry.Name] = await WriteAsync(entry, into, cancel);
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            throw new BackupException($"This is no backup, or a damaged one: {e.Message}", e);
        }

        throw new BackupException($"The backup is cut short: after {read.Count} files its index ({BackupIndex.EntryName}) is missing.");
    }

    private static async Task<BackupFile> WriteAsync(TarEntry entry, string into, CancellationToken cancel)
    {
        var parts = entry.Name.Split('/');
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || !BackupContents.Roots.Contains(parts[0]) || parts.Any(p => p is "" or "." or ".."))
            throw new BackupException($"The backup has an entry '{entry.Name}' ({entry.EntryType}) that no backup has. It was not made by this program.");

        var path = Path.Combine(into, entry.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, parts[0] is "ca" or "keys" ? Private : Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = entry.Mode & (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead),
        });
        if (entry.DataStream is { } content)
        {
            var buffer = new byte[128 * 1024];
            int count;
            while ((count = await content.ReadAsync(buffer, cancel)) > 0)
            {
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), cancel);
            }
        }

        await file.FlushAsync(cancel);
        DurableFile.Sync(file.SafeFileHandle, path);
        return new BackupFile(entry.Name, file.Length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static async Task<BackupIndex> IndexAsync(TarEntry entry, CancellationToken cancel)
    {
        if (entry.Length > IndexBytesMax)
            throw new BackupException($"The index of the backup has {entry.Length} bytes; {IndexBytesMax} are read.");
        try
        {
            return await JsonSerializer.DeserializeAsync(entry.DataStream ?? Stream.Null, BackupJson.Default.BackupIndex, cancel)
                ?? throw new BackupException("The index of the backup is 'null'.");
        }
        catch (JsonException e)
        {
            throw new BackupException($"The index of the backup cannot be read: {e.Message}", e);
        }
    }

    private static BackupIndex Check(BackupIndex index, Dictionary<string, BackupFile> read)
    {
        if (index.Format != BackupIndex.CurrentFormat)
            throw new BackupException($"The backup has form {index.Format}, made by version {index.Program}; this program reads {BackupIndex.CurrentFormat}. Restore it by that version.");
        foreach (var file in index.Files)
        {
            if (!read.Remove(file.Path, out var found))
                throw new BackupException($"The backup lacks {file.Path}, which its index names.");
            if (found != file)
                throw new BackupException($"{file.Path} of the backup is damaged: it has {found.Bytes} bytes with the hash {found.Sha256}, its index says {file.Bytes} and {file.Sha256}.");
        }

        return read.Count == 0 ? index : throw new BackupException($"The backup has {read.Keys.First()}, which its index does not name.");
    }
}
