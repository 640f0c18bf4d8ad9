using System.Globalization;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Data.Sqlite;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>
/// The outbox's SQLite file: WAL, <c>synchronous=FULL</c>, one connection that holds the file alone. Not for two threads at once;
/// <see cref="OutboxStore"/> sees to that and to errors, which come out of here as <see cref="SqliteException"/>.
/// </summary>
internal sealed class OutboxDatabase : IDisposable
{
    /// <summary>Version of the schema. A file of a later one is put aside, not read.</summary>
    public const int SchemaVersion = 1;

    // What a row costs beside its payload, near enough.
    private const int RowBytes = 64;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS records (stream TEXT, seq INTEGER, slot TEXT, at INTEGER, payload BLOB, bytes INTEGER, PRIMARY KEY (stream, seq));
        CREATE TABLE IF NOT EXISTS blobs (digest TEXT PRIMARY KEY, event INTEGER, slot TEXT, at INTEGER, content BLOB, bytes INTEGER);
        """;

    private readonly SqliteConnection _connection;

    private OutboxDatabase(SqliteConnection connection, string epoch)
    {
        _connection = connection;
        Epoch = epoch;
        foreach (var stream in RecordStream.All)
            Held[stream] = _connection.Number("SELECT total(bytes) FROM records WHERE stream = $stream", ("$stream", stream));
        Held[OutboxPolicy.Photos] = _connection.Number("SELECT total(bytes) FROM blobs");
    }

    /// <summary>Random id made with the store.</summary>
    public string Epoch { get; private set; }

    /// <summary>Bytes held by stream, photos apart.</summary>
    public Dictionary<string, long> Held { get; } = [];

    /// <summary>Opens the file, making it if it is not there; <c>:memory:</c> for a store that lasts as long as the process.</summary>
    /// <param name="path">File.</param>
    /// <param name="bytesMax">Most that may be held; the file stops growing at one and a half times it.</param>
    /// <param name="isFuture">True, with null returned, when the file is of a later version.</param>
    /// <exception cref="SqliteException">It cannot be opened, or it is damaged.</exception>
    public static OutboxDatabase? Open(string path, long bytesMax, out bool isFuture)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        try
        {
            connection.Open();
            // Held alone: a second agent on the same folder is refused, and no shared-memory file is needed on a full disk.
            connection.Execute("PRAGMA locking_mode = EXCLUSIVE");
            var version = Convert.ToInt64(connection.Execute("PRAGMA user_version"), CultureInfo.InvariantCulture);
            isFuture = version > SchemaVersion;
            if (isFuture)
            {
                connection.Dispose();
                return null;
            }

            connection.Execute("PRAGMA journal_mode = WAL");
            connection.Execute("PRAGMA synchronous = FULL");
            connection.Execute("PRAGMA journal_size_limit = 4194304");
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {bytesMax * 3 / 2 / 4096 + 256}"));
            if (version == 0)
                connection.Execute($"BEGIN IMMEDIATE; {Schema} INSERT INTO meta VALUES ('epoch', '{Guid.NewGuid():n}'); PRAGMA user_version = {SchemaVersion}; COMMIT");
            var epoch = connection.Execute("SELECT value FROM meta WHERE key = 'epoch'") as string
                ?? throw new SqliteException("The outbox has no epoch.", SqliteErrors.Corrupt);
            return new OutboxDatabase(connection, epoch);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Begins a transaction; without a commit nothing in it happened.</summary>
    public SqliteTransaction Begin() => _connection.BeginTransaction();

    /// <summary>Puts back what is known of the file, after a transaction that did not commit.</summary>
    public void Restore(IReadOnlyDictionary<string, long> held, string epoch)
    {
        Epoch = epoch;
        foreach (var (stream, bytes) in held)
            Held[stream] = bytes;
    }

    /// <summary>Adds a record at the end of its stream, with its photo. Inside a transaction.</summary>
    public void Insert(NewRecord record, long at)
    {
        var seq = Next(record.Stream);
        var bytes = record.Payload.Length + RowBytes;
        _connection.Run("INSERT INTO records VALUES ($stream, $seq, $slot, $at, $payload, $bytes)", ("$stream", record.Stream), ("$seq", seq),
            ("$slot", record.Slot.Value), ("$at", at), ("$payload", record.Payload), ("$bytes", bytes));
        SetNumber("next:" + record.Stream, seq + 1);
        Held[record.Stream] += bytes;
        if (record.Photo is not { } photo)
            return;

        // The same photo may belong to two events: it goes with the later one.
        Held[OutboxPolicy.Photos] -= _connection.Number("SELECT total(bytes) FROM blobs WHERE digest = $digest", ("$digest", photo.Digest.Value));
        _connection.Run("INSERT OR REPLACE INTO blobs VALUES ($digest, $event, $slot, $at, $content, $bytes)", ("$digest", photo.Digest.Value),
            ("$event", seq), ("$slot", record.Slot.Value), ("$at", at), ("$content", photo.Content.ToArray()), ("$bytes", photo.Content.Length + RowBytes));
        Held[OutboxPolicy.Photos] += photo.Content.Length + RowBytes;
    }

    /// <summary>Number that the next record of a stream gets, from 1.</summary>
    public long Next(string stream) => Math.Max(1, Number("next:" + stream));

    /// <summary>Oldest number that a stream holds; the next one when it holds none.</summary>
    public long Low(string stream) =>
        _connection.Number("SELECT coalesce(min(seq), $next) FROM records WHERE stream = $stream", ("$stream", stream), ("$next", Next(stream)));

    /// <summary>What a stream holds beyond a number.</summary>
    public Backlog Backlog(string stream, long after)
    {
        using var command = _connection.Command("SELECT count(*), count(DISTINCT slot), coalesce(min(at), 0) FROM records WHERE stream = $stream AND seq > $after",
            ("$stream", stream), ("$after", after));
        using var reader = command.ExecuteReader();
        reader.Read();
        return new Backlog(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>Records beyond a number, in order, as many as fit, at least one if there is one.</summary>
    public List<StoredRecord> Read(string stream, long after, long bytesMax)
    {
        using var command = _connection.Command("SELECT seq, at, payload FROM records WHERE stream = $stream AND seq > $after ORDER BY seq",
            ("$stream", stream), ("$after", after));
        using var reader = command.ExecuteReader();
        var records = new List<StoredRecord>();
        while (reader.Read())
        {
            var record = new StoredRecord(reader.GetInt64(0), reader.GetInt64(1), (byte[])reader[2]);
            if (records.Count > 0 && (bytesMax -= record.Payload.Length) < 0)
                break;
            records.Add(record);
        }

        return records;
    }

    /// <summary>All records of a stream as new ones, with their photos, for another store.</summary>
    public List<NewRecord> Take(string stream)
    {
        using var command = _connection.Command("SELECT r.slot, r.payload, b.digest, b.content FROM records r LEFT JOIN blobs b ON r.stream = 'event' AND b.event = r.seq WHERE r.stream = $stream ORDER BY r.seq",
            ("$stream", stream));
        using var reader = command.ExecuteReader();
        var records = new List<NewRecord>();
        while (reader.Read())
        {
            var photo = reader.IsDBNull(2) ? null : new Photo(Sha256Digest.Parse(reader.GetString(2)), (byte[])reader[3]);
            records.Add(new NewRecord(stream, SlotName.Parse(reader.GetString(0)), (byte[])reader[1], photo));
        }

        return records;
    }

    /// <summary>Deletes a stream's records up to a number, and says whose they were.</summary>
    public IReadOnlyList<Loss> Delete(string stream, long through, string reason)
    {
        var losses = Losses("SELECT slot, min(at), max(at), count(*) FROM records WHERE stream = $stream AND seq <= $through GROUP BY slot", reason,
            ("$stream", stream), ("$through", through));
        Held[stream] -= _connection.Number("SELECT total(bytes) FROM records WHERE stream = $stream AND seq <= $through", ("$stream", stream), ("$through", through));
        _connection.Run("DELETE FROM records WHERE stream = $stream AND seq <= $through", ("$stream", stream), ("$through", through));
        return losses;
    }

    /// <summary>Deletes one record, and says whose it was; nothing when it is not held.</summary>
    public IReadOnlyList<Loss> DeleteOne(string stream, long seq, string reason)
    {
        var losses = Losses("SELECT slot, at, at, 1 FROM records WHERE stream = $stream AND seq = $seq", reason, ("$stream", stream), ("$seq", seq));
        Held[stream] -= _connection.Number("SELECT total(bytes) FROM records WHERE stream = $stream AND seq = $seq", ("$stream", stream), ("$seq", seq));
        _connection.Run("DELETE FROM records WHERE stream = $stream AND seq = $seq", ("$stream", stream), ("$seq", seq));
        return losses;
    }

    /// <summary>Deletes the photos of events up to a number, and says whose they were.</summary>
    public IReadOnlyList<Loss> DeleteBlobs(long throughEvent, string reason)
    {
        var losses = Losses("SELECT slot, min(at), max(at), count(*) FROM blobs WHERE event <= $through GROUP BY slot", reason, ("$through", throughEvent));
        _connection.Run("DELETE FROM blobs WHERE event <= $through", ("$through", throughEvent));
        Held[OutboxPolicy.Photos] = _connection.Number("SELECT total(bytes) FROM blobs");
        return losses;
    }

    /// <summary>Number of the record (of a photo: its event) up to which deleting frees so many bytes.</summary>
    public long CutFor(string stream, long bytes)
    {
        var isPhoto = stream == OutboxPolicy.Photos;
        using var command = _connection.Command(isPhoto ? "SELECT event, bytes FROM blobs ORDER BY event" : "SELECT seq, bytes FROM records WHERE stream = $stream ORDER BY seq", ("$stream", stream));
        using var reader = command.ExecuteReader();
        long cut = 0;
        while (bytes > 0 && reader.Read())
        {
            cut = reader.GetInt64(0);
            bytes -= reader.GetInt64(1);
        }

        return cut;
    }

    /// <summary>Number before the first record taken in at or after a time: only a prefix ages, so that no hole comes into a stream.</summary>
    public long AgedThrough(string stream, long before) => _connection.Number(
        "SELECT coalesce((SELECT min(seq) FROM records WHERE stream = $stream AND at >= $before) - 1, (SELECT max(seq) FROM records WHERE stream = $stream), 0)",
        ("$stream", stream), ("$before", before));

    /// <summary>Photos held of events up to a number, oldest first.</summary>
    public List<Sha256Digest> Blobs(long throughEvent)
    {
        using var command = _connection.Command("SELECT digest FROM blobs WHERE event <= $through ORDER BY event", ("$through", throughEvent));
        using var reader = command.ExecuteReader();
        var digests = new List<Sha256Digest>();
        while (reader.Read())
            digests.Add(Sha256Digest.Parse(reader.GetString(0)));
        return digests;
    }

    /// <summary>A photo; null when it is not held.</summary>
    public byte[]? Blob(Sha256Digest digest)
    {
        using var command = _connection.Command("SELECT content FROM blobs WHERE digest = $digest", ("$digest", digest.Value));
        return command.ExecuteScalar() as byte[];
    }

    /// <summary>Forgets a photo that is stored elsewhere.</summary>
    public void DeleteBlob(Sha256Digest digest)
    {
        Held[OutboxPolicy.Photos] -= _connection.Number("SELECT total(bytes) FROM blobs WHERE digest = $digest", ("$digest", digest.Value));
        _connection.Run("DELETE FROM blobs WHERE digest = $digest", ("$digest", digest.Value));
    }

    /// <summary>A number kept under a name; 0 when there is none.</summary>
    public long Number(string key) => _connection.Number("SELECT coalesce((SELECT value FROM meta WHERE key = $key), 0)", ("$key", key));

    /// <summary>Keeps a number under a name.</summary>
    public void SetNumber(string key, long value) => _connection.Run("INSERT OR REPLACE INTO meta VALUES ($key, $value)", ("$key", key), ("$value", value));

    /// <summary>Gives the store a new epoch: its numbers mean other records than a reader knows.</summary>
    public void RenewEpoch()
    {
        var epoch = Guid.NewGuid().ToString("n");
        _connection.Run("UPDATE meta SET value = $epoch WHERE key = 'epoch'", ("$epoch", epoch));
        Epoch = epoch;
    }

    /// <summary>Moves the log into the file and empties it, which frees room on a full disk; what hinders it was said by what failed before.</summary>
    public void TryCheckpoint()
    {
        try
        {
            _connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
        }
    }

    /// <summary>Renames a file and what belongs to it, and gives the new name.</summary>
    /// <exception cref="IOException">It is still there.</exception>
    public static string PutAside(string path, DateTimeOffset now)
    {
        var aside = $"{path}.bad-{now.ToUnixTimeMilliseconds()}";
        foreach (var suffix in (string[])["", "-wal", "-shm"])
        {
            if (File.Exists(path + suffix))
                File.Move(path + suffix, aside + suffix, overwrite: true);
        }

        return aside;
    }

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private List<Loss> Losses(string sql, string reason, params ReadOnlySpan<(string, object)> values)
    {
        using var command = _connection.Command(sql, values);
        using var reader = command.ExecuteReader();
        var losses = new List<Loss>();
        while (reader.Read())
            losses.Add(new Loss(SlotName.Parse(reader.GetString(0)), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reason));
        return losses;
    }
}
