using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Microsoft.Data.Sqlite;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>
/// A file a day under <c>telemetry/</c>, so that old days are deleted as files and intake never blocks what people edit. A record of a senseless
/// time goes to <c>undated.db</c>; a day that has records there once stays there, so that a record sent again meets itself in the same file.
/// </summary>
internal sealed class SqliteTelemetryStore(DataFolder folder, TimeProvider time) : ITelemetryStore, IDisposable
{
    private const int OpenFilesMax = 16;
    private readonly SemaphoreSlim _writer = new(1);
    private readonly Dictionary<string, SqliteDayFile> _open = [];
    private HashSet<Day> _undatedDays = [];

    public Task PrepareAsync(CancellationToken cancel)
    {
        Directory.CreateDirectory(folder.Telemetry);
        foreach (var file in Files().Where(f => SqliteDayFile.IsOld(PathOf(f))).ToList())
            new SqliteDayFile(PathOf(file)).Dispose();
        if (File.Exists(PathOf(Day.Undated)))
            _undatedDays = [.. Open(Day.Undated).Days()];
        return Task.CompletedTask;
    }

    public async Task AddAsync(IReadOnlyList<RecordBatch> batches, CancellationToken cancel)
    {
        await _writer.WaitAsync(cancel);
        try
        {
            var minutes = batches.OfType<MinuteRecords>().SelectMany(b => b.Rows.Select((row, i) => new KeyedMinute(b.Key, b.First + i, row))).ToLookup(r => FileOf(Day.OfMs(r.Row.At)));
            var profiles = batches.OfType<ProfileRecords>().SelectMany(b => b.Rows.Select((row, i) => new KeyedProfile(b.Key, b.First + i, row))).ToLookup(r => FileOf(Day.OfMs(r.Row.At)));
            foreach (var file in minutes.Select(g => g.Key).Union(profiles.Select(g => g.Key)))
                Add(file, [.. minutes[file]], [.. profiles[file]]);
        }
        finally
        {
            _writer.Release();
        }
    }

    public Task<long> CountAsync(StreamKey key, long upTo, CancellationToken cancel) => Task.FromResult(Files().Sum(file =>
    {
        using var query = Query(file, $"SELECT COUNT(*) FROM {TableOf(key.Stream)} WHERE device = $a AND epoch = $b AND seq <= $c", key.Device.Value, key.Epoch, upTo);
        return (long)query.ExecuteScalar()!;
    }));

    public Task<IReadOnlyList<MinuteRow>> MinutesAsync(DeviceId device, SlotName slot, long from, CancellationToken cancel) => Task.FromResult(Select(
        "SELECT at, seconds, model, answered, failed, dropped, p50, p95, max, confidence, energy, energy_net, energy_sigma, energy_share FROM minute WHERE device = $a AND slot = $b AND at >= $c ORDER BY at",
        device, slot, from, r => new MinuteRow
        {
            Slot = slot,
            At = r.GetInt64(0),
            Seconds = r.GetInt32(1),
            Model = r.GetString(2),
            Answered = r.GetInt64(3),
            Failed = r.GetInt64(4),
            Dropped = r.GetInt64(5),
            P50Us = r.GetInt64(6),
            P95Us = r.GetInt64(7),
            MaxUs = r.GetInt64(8),
            Confidence = r.IsDBNull(9) ? null : r.GetInt32(9),
            EnergyUj = r.IsDBNull(10) ? null : r.GetInt64(10),
            EnergyNetUj = r.IsDBNull(11) ? null : r.GetInt64(11),
            EnergySigmaUj = r.IsDBNull(12) ? null : r.GetInt64(12),
            EnergyShare = r.IsDBNull(13) ? null : r.GetInt32(13),
        }));

    public Task<IReadOnlyList<HourlyProfile>> ProfilesAsync(DeviceId device, SlotName slot, long from, CancellationToken cancel) => Task.FromResult(Select(
        "SELECT body FROM profile WHERE device = $a AND slot = $b AND at >= $c ORDER BY at",
        device, slot, from, r => WireCodec.Decode(r.GetFieldValue<byte[]>(0), WireJson.Default.HourlyProfile, WireCodec.UnpackedBytesMax)));

    public Task<IReadOnlyDictionary<DeviceId, IReadOnlyList<FleetMinute>>> FleetMinutesAsync(IReadOnlyCollection<DeviceId> devices, SlotName slot, long from, long to, CancellationToken cancel) => Task.FromResult(SelectMany(
        "SELECT device, at, seconds, model, answered, failed, p95, confidence, energy FROM minute WHERE device IN (SELECT value FROM json_each($a)) AND slot = $b AND at >= $c AND at < $d ORDER BY device, at",
        devices, slot, from, to,
        r => new FleetMinute(r.GetInt64(1), r.GetInt32(2), r.GetString(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.IsDBNull(7) ? null : r.GetInt32(7), r.IsDBNull(8) ? null : r.GetInt64(8))));

    public Task<IReadOnlyDictionary<DeviceId, IReadOnlyList<HourlyProfile>>> FleetProfilesAsync(IReadOnlyCollection<DeviceId> devices, SlotName slot, long from, long to, CancellationToken cancel) => Task.FromResult(SelectMany(
        "SELECT device, body FROM profile WHERE device IN (SELECT value FROM json_each($a)) AND slot = $b AND at >= $c AND at < $d ORDER BY device, at",
        devices, slot, from, to, r => WireCodec.Decode(r.GetFieldValue<byte[]>(1), WireJson.Default.HourlyProfile, WireCodec.UnpackedBytesMax)));

    public async Task<int> RemoveBeforeAsync(Day day, CancellationToken cancel)
    {
        await _writer.WaitAsync(cancel);
        try
        {
            var old = DatedFiles().Where(d => d.CompareTo(day) < 0).Select(d => d.ToString()).ToList();
            foreach (var name in old)
            {
                if (_open.Remove(name, out var file))
                    file.Dispose();
                foreach (var suffix in new[] { "", "-wal", "-shm" })
                    File.Delete(PathOf(name) + suffix);
            }

            return old.Count;
        }
        finally
        {
            _writer.Release();
        }
    }

    public void Dispose()
    {
        foreach (var file in _open.Values)
            file.Dispose();
        _open.Clear();
        _writer.Dispose();
    }

    // Hangs on the record's own time and on what is on disk, never on when it was received: the same record finds the same file.
    private string FileOf(Day day)
    {
        if (!_undatedDays.Contains(day) && (day.IsSane(time.GetUtcNow()) || (day.HasName && File.Exists(PathOf(day.ToString())))))
            return day.ToString();

        _undatedDays.Add(day);
        return Day.Undated;
    }

    // After a fault the state of the connection is not known: the next try opens the file anew.
    private void Add(string file, KeyedMinute[] minutes, KeyedProfile[] profiles)
    {
        try
        {
            Open(file).Add(minutes, profiles);
        }
        catch (SqliteException)
        {
            if (_open.Remove(file, out var broken))
                broken.Dispose();
            throw;
        }
    }

    private SqliteDayFile Open(string name)
    {
        if (_open.TryGetValue(name, out var file))
            return file;

        if (_open.Count >= OpenFilesMax)
        {
            foreach (var other in _open.Values)
                other.Dispose();
            _open.Clear();
        }

        return _open[name] = new SqliteDayFile(PathOf(name));
    }

    private IReadOnlyList<T> Select<T>(string text, DeviceId device, SlotName slot, long from, Func<SqliteDataReader, T> read)
    {
        var found = new List<T>();
        foreach (var file in DatedFiles().Where(d => d.To > from).Order().Select(d => d.ToString()))
        {
            using var query = Query(file, text, device.Value, slot.Value, from);
            using var reader = query.ExecuteReader();
            while (reader.Read())
                found.Add(read(reader));
        }

        return found;
    }

    private IReadOnlyDictionary<DeviceId, IReadOnlyList<T>> SelectMany<T>(string text, IReadOnlyCollection<DeviceId> devices, SlotName slot, long from, long to, Func<SqliteDataReader, T> read)
    {
        var found = new FleetRows<T>();
        // Ids are names of letters, digits and hyphens: nothing in them needs escaping.
        var ids = $"[{string.Join(',', devices.Select(d => $"\"{d.Value}\""))}]";
        foreach (var file in DatedFiles().Where(d => d.To > from && d.From < to).Order().Select(d => d.ToString()))
        {
            using var query = Query(file, text, ids, slot.Value, from, to);
            using var reader = query.ExecuteReader();
            while (reader.Read())
                found.Add(reader.GetString(0), read(reader));
        }

        return found.ByDevice;
    }

    private ReadOnlyQuery Query(string file, string text, params object[] values) => new(PathOf(file), text, values);

    private static string TableOf(string stream) => stream is RecordStream.Minute or RecordStream.Profile
        ? stream
        : throw new ArgumentException($"Stream '{stream}' is not kept in day files.", nameof(stream));

    private IEnumerable<string> Files() => Directory.EnumerateFiles(folder.Telemetry, "*.db").Select(p => Path.GetFileNameWithoutExtension(p));

    private IEnumerable<Day> DatedFiles() => Files().Select(name => Day.TryParse(name, out var day) ? day : (Day?)null).OfType<Day>();

    private string PathOf(string name) => Path.Combine(folder.Telemetry, name + ".db");
}
