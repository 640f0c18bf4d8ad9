using System.Net.Sockets;
using System.Text.Json;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>
/// The data folder and the database into which a backup goes. Everything is unpacked and checked beside them; only then what was there is put aside, never
/// deleted, and the new moved into its place.
/// </summary>
/// <param name="folder">The data folder.</param>
/// <param name="database">The database.</param>
/// <param name="asideName">Name of the folder, and of the schema, for what was there.</param>
internal sealed class RestorePlace(DataFolder folder, DatabaseOptions database, string asideName) : IDisposable
{
    private readonly string _incoming = folder.PathOf($".restoring-{Guid.NewGuid():n}");
    private bool _hasTables;

    /// <summary>True when something was there.</summary>
    public bool IsReplacing { get; private set; }

    /// <summary>Where what was there is.</summary>
    public string Aside => folder.PathOf(asideName);

    private bool IsPostgres => database.Provider == DatabaseOptions.Postgres;

    /// <summary>Refuses a place where a control plane runs, or has been, unless it may be replaced.</summary>
    /// <exception cref="BackupException">It is refused.</exception>
    public async Task CheckAsync(bool replace, CancellationToken cancel)
    {
        if (await RunsAsync(cancel))
            throw new BackupException($"A control plane runs on {folder.Root}. Stop it first: systemctl stop edgefleet-controlplane");
        if (!IsPostgres && database.Connection.Length > 0)
            throw new BackupException("Database:Connection names a file of its own. Leave it out: a backup is restored into the data folder.");
        _hasTables = IsPostgres && await PostgresCopy.HasTablesAsync(database.Connection, cancel);
        var isFull = BackupContents.Present(folder).Any();
        IsReplacing = _hasTables || isFull;
        if (IsReplacing && !replace)
            throw new BackupException($"{(isFull ? $"{folder.Root} holds a control plane's data" : "The database has tables")} already. With --replace it is put aside ({asideName}) and replaced.");
    }

    /// <summary>Unpacks the archive beside the place, and judges it.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="known">Migrations that this program knows.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="BackupException">It does not fit here, or is damaged.</exception>
    public async Task<BackupIndex> UnpackAsync(Stream archive, IReadOnlyList<string> known, CancellationToken cancel)
    {
        var free = new DriveInfo(folder.Root).AvailableFreeSpace;
        if (archive.CanSeek && archive.Length > free)
            throw new BackupException($"The backup has {archive.Length / 1_000_000} MB and the disk of {folder.Root} has {free / 1_000_000} MB free.");
        Directory.CreateDirectory(_incoming, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var index = await ArchiveReader.UnpackAsync(archive, _incoming, cancel);
        if (index.Provider != database.Provider)
            throw new BackupException($"The backup is of a control plane on {index.Provider}; this one is configured for {database.Provider}. Set Database:Provider to '{index.Provider}'.");
        if (index.Migrations.FirstOrDefault(m => !known.Contains(m)) is { } newer)
            throw new BackupException($"The backup was made by version {index.Program}, which knows more than this program ({newer}). Install that version, or a later one.");
        return index;
    }

    /// <summary>Puts what was unpacked into its place.</summary>
    /// <exception cref="BackupException">The database refused; the data folder is as it was.</exception>
    /// <exception cref="IOException">The disk refused between two names; what is not in its place is in <see cref="Aside"/>.</exception>
    public async Task PutAsync(CancellationToken cancel)
    {
        var dump = Path.Combine(_incoming, PostgresCopy.Entry);
        if (IsPostgres)
        {
            await PostgresCopy.RestoreAsync(database.Connection, dump, _hasTables ? asideName : null, cancel);
            File.Delete(dump);
        }

        // No longer cancelled: from here on it is finished.
        foreach (var old in BackupContents.Present(folder).ToList())
        {
            Directory.CreateDirectory(Aside, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.Move(old, Path.Combine(Aside, Path.GetFileName(old)));
        }

        foreach (var made in Directory.EnumerateFileSystemEntries(_incoming).ToList())
            Directory.Move(made, folder.PathOf(Path.GetFileName(made)));
        FileCalls.Real.SyncFolder(folder.Root);
    }

    public void Dispose()
    {
        if (Directory.Exists(_incoming))
            Directory.Delete(_incoming, recursive: true);
    }

    // The file goes when a control plane stops; after a kill it stays, and nobody answers at its port.
    private async Task<bool> RunsAsync(CancellationToken cancel)
    {
        try
        {
            using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(folder.PathOf("endpoints.json"), cancel));
            using var client = new TcpClient();
            await client.ConnectAsync("localhost", json.RootElement.GetProperty("https").GetInt32(), cancel);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or JsonException or KeyNotFoundException)
        {
            return false;
        }
    }
}
