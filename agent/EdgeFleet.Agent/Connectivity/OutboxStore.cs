using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>
/// The records that wait for the control plane, whatever becomes of the disk. A damaged file, or one of a later version, is renamed aside and
/// a new store with a new epoch begun; while no file can be opened records are kept in memory and move into the file once it can be.
/// Any thread.
/// </summary>
internal sealed partial class OutboxStore : IDisposable
{
    /// <summary>Warning while records are kept in memory only, or not at all.</summary>
    public const string WarningFull = "outbox-full";

    /// <summary>Warning after a damaged file was put aside.</summary>
    public const string WarningDamaged = "outbox-damaged";

    private const long VolatileBytesMax = 4L << 20;
    private static readonly TimeSpan ReopenAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AgeingEvery = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly ConnectivityOptions _options;
    private readonly HealthBoard _board;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private OutboxDatabase _database;
    private bool _isVolatile;
    private long _openedAt;
    private long _agedAt;

    /// <summary>Opens the store. Never fails: see the class.</summary>
    public OutboxStore(string path, ConnectivityOptions options, HealthBoard board, TimeProvider time, ILogger<OutboxStore> log)
    {
        (_path, _options, _board, _time, _log) = (path, options, board, time, log);
        _database = Open();
    }

    /// <summary>Raised after records were added; any thread.</summary>
    public event Action? Added;

    /// <summary>Random id made with the store; another one after the store was lost.</summary>
    public string Epoch => Locked(db => db.Epoch, "");

    /// <summary>Adds records in one commit, thinning what is least valuable when there is no room.</summary>
    /// <returns>False when they could not be kept now; nothing was changed and the same call may be tried again.</returns>
    public bool TryAppend(IReadOnlyCollection<NewRecord> records)
    {
        var isKept = Locked(db =>
        {
            db = Reopened(db);
            Append(db, records);
            return true;
        }, false);
        if (isKept)
        {
            if (!_isVolatile)
                _board.Clear(WarningFull, null);
            Added?.Invoke();
        }

        return isKept;
    }

    /// <summary>Oldest number that a stream holds; the next one when it holds none.</summary>
    public long Low(string stream) => Locked(db => db.Low(stream), 1);

    /// <summary>What a stream holds beyond a number.</summary>
    public Backlog Waiting(string stream, long after) => Locked(db => db.Backlog(stream, after), default);

    /// <summary>Records of a stream beyond a number, in order, as many as fit, at least one if there is one.</summary>
    public IReadOnlyList<StoredRecord> Read(string stream, long after, long bytesMax) => Locked(db => db.Read(stream, after, bytesMax), []);

    /// <summary>Photos held of events up to a number, oldest first.</summary>
    public IReadOnlyList<Sha256Digest> Blobs(long throughEvent) => Locked(db => db.Blobs(throughEvent), []);

    /// <summary>A photo; null when it is not held.</summary>
    public byte[]? Blob(Sha256Digest digest) => Locked(db => db.Blob(digest), null);

    /// <summary>Number of a new connection. It grows, also over a lost store as long as the clock does not go back further than the store's life.</summary>
    public long NextSession() => Locked(db => Grown(db, "session", _time.GetUtcNow().ToUnixTimeMilliseconds()), _time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Revision of a new report; grows across restarts.</summary>
    public long NextRevision() => Locked(db => Grown(db, "revision", 0), _time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>Forgets, durably, what is committed in the control plane. An acknowledgement of another epoch changes nothing.</summary>
    public void Forget(Ack ack) => Locked(db =>
    {
        if (ack.Epoch != db.Epoch)
            return false;

        InTransaction(db, () =>
        {
            foreach (var (stream, through) in ack.Streams.Where(s => RecordStream.All.Contains(s.Key)))
            {
                if (through >= db.Next(stream))
                    RenewEpoch(db, stream, through);
                else
                    db.Delete(stream, through, "");
            }

            foreach (var digest in ack.Blobs)
                db.DeleteBlob(digest);
        });
        return true;
    }, false);

    /// <summary>Drops one record that cannot be read, so that it does not stand in the way of all others; it is reported as a gap.</summary>
    public void DropUnreadable(string stream, long seq) => Locked(db =>
    {
        InTransaction(db, () => Tell(db, db.DeleteOne(stream, seq, $"Record {seq} of stream '{stream}' could not be read."), _time.GetUtcNow().ToUnixTimeMilliseconds()));
        return true;
    }, false);

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
            _database.Dispose();
    }

    // The control plane has more than this store ever numbered: the store went back in time (a restored disk image). Under the old epoch new
    // records would be taken for duplicates.
    private void RenewEpoch(OutboxDatabase db, string stream, long through)
    {
        Log.EpochRenewed(_log, stream, through, db.Next(stream) - 1);
        db.RenewEpoch();
    }

    private static long Grown(OutboxDatabase db, string key, long atLeast)
    {
        var value = Math.Max(db.Number(key) + 1, atLeast);
        db.SetNumber(key, value);
        return value;
    }

    private void Append(OutboxDatabase db, IReadOnlyCollection<NewRecord> records) => InTransaction(db, () =>
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var losses = OutboxThinning.MakeRoom(db, records, _isVolatile ? VolatileBytesMax : _options.OutboxBytesMax);
        if (_agedAt == 0 || _time.GetElapsedTime(_agedAt) >= AgeingEvery)
        {
            _agedAt = _time.GetTimestamp();
            losses.AddRange(OutboxThinning.Age(db, now, _options));
        }

        Tell(db, losses, now);
        foreach (var record in records)
            db.Insert(record, now);
    });

    private void Tell(OutboxDatabase db, IReadOnlyList<Loss> losses, long now)
    {
        foreach (var loss in losses)
        {
            Log.RecordsDropped(_log, loss.Count, loss.Slot, loss.Reason);
            db.Insert(OutboxThinning.GapOf(loss, now), now);
        }
    }


    private static void InTransaction(OutboxDatabase db, Action change)
    {
        var (held, epoch) = (db.Held.ToDictionary(), db.Epoch);
        var isDone = false;
        try
        {
            using var transaction = db.Begin();
            change();
            transaction.Commit();
            isDone = true;
        }
        finally
        {
            if (!isDone)
                db.Restore(held, epoch);
        }
    }

    private T Locked<T>(Func<OutboxDatabase, T> use, T otherwise)
    {
        lock (_lock)
        {
            try
            {
                return use(_database);
            }
            catch (SqliteException e) when (SqliteErrors.IsDamage(e))
            {
                _database.Dispose();
                PutAside($"it is damaged ({e.Message})");
                _database = Open();
                return otherwise;
            }
            catch (SqliteException e)
            {
                Complain(e.Message);
                _database.TryCheckpoint();
                return otherwise;
            }
        }
    }

    private OutboxDatabase Open()
    {
        _openedAt = _time.GetTimestamp();
        for (var attempt = 0; attempt < 2; attempt++)
        {
            try
            {
                if (OutboxDatabase.Open(_path, _options.OutboxBytesMax, out _) is { } database)
                {
                    _isVolatile = false;
                    return database;
                }

                PutAside("a later version of the agent wrote it");
            }
            catch (SqliteException e) when (SqliteErrors.IsDamage(e))
            {
                PutAside($"it is damaged ({e.Message})");
            }
            catch (SqliteException e)
            {
                Complain(e.SqliteErrorCode == SqliteErrors.Busy ? "another agent holds it" : e.Message);
                break;
            }
        }

        _isVolatile = true;
        return OutboxDatabase.Open(":memory:", VolatileBytesMax, out _)!;
    }

    // While records are in memory only, the file is tried again now and then, and takes over what waits. Some of it may have been sent: it
    // comes again under the file's epoch, because doubled is better than lost.
    private OutboxDatabase Reopened(OutboxDatabase db)
    {
        if (!_isVolatile || _time.GetElapsedTime(_openedAt) < ReopenAfter)
            return db;

        var file = Open();
        if (_isVolatile)
        {
            file.Dispose();
            return db;
        }

        foreach (var stream in RecordStream.All)
            Append(file, [.. db.Take(stream)]);
        db.Dispose();
        return _database = file;
    }

    private void PutAside(string why)
    {
        try
        {
            var aside = OutboxDatabase.PutAside(_path, _time.GetUtcNow());
            Log.PutAside(_log, _path, aside, why);
            _board.Raise(WarningDamaged, null, $"{_path} was put aside as {Path.GetFileName(aside)} because {why}; records that waited in it were not sent.",
                "Check the board's storage. The file can be sent to the maker and deleted.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Complain($"it could not be put aside: {e.Message}");
        }
    }

    private void Complain(string cause)
    {
        Log.NotWritten(_log, _path, cause);
        _board.Raise(WarningFull, null, $"Records cannot be written to {_path}: {cause.TrimEnd('.')}.",
            "Free space on the board's disk, and check that the folder belongs to the agent. It goes on by itself.");
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Outbox {Path} put aside as {Aside}: {Why}. A new one is begun under a new epoch.")]
        public static partial void PutAside(ILogger logger, string path, string aside, string why);

        [LoggerMessage(Level = LogLevel.Error, Message = "Outbox {Path} does not take records: {Cause}")]
        public static partial void NotWritten(ILogger logger, string path, string cause);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} records of slot {Slot} dropped: {Reason}")]
        public static partial void RecordsDropped(ILogger logger, long count, SlotName slot, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Stream {Stream} is acknowledged up to {Through} and only {Last} were ever numbered here: the store went back in time, and gets a new epoch.")]
        public static partial void EpochRenewed(ILogger logger, string stream, long through, long last);
    }
}
