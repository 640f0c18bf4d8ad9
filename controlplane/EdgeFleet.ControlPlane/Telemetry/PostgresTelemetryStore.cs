using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using Npgsql;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>
/// Tables partitioned by the day of a record's own time, which is part of its key. A senseless time finds no partition and falls into the default
/// one; a day that has records there once stays there, because PostgreSQL then refuses to make its partition.
/// </summary>
internal sealed class PostgresTelemetryStore(NpgsqlDataSource database, TimeProvider time) : ITelemetryStore
{
    private readonly HashSet<(string Table, Day Day)> _known = [];

    public async Task PrepareAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(PostgresTelemetrySchema.Text);
        await command.ExecuteNonQueryAsync(cancel);
    }

    public async Task AddAsync(IReadOnlyList<RecordBatch> batches, CancellationToken cancel)
    {
        // In the order of their keys, so that two processes that insert the same records never wait for each other in a circle.
        KeyedMinute[] minutes = [.. batches.OfType<MinuteRecords>().SelectMany(b => b.Rows.Select((row, i) => new KeyedMinute(b.Key, b.First + i, row)))
            .OrderBy(r => r.Key.Device.Value, StringComparer.Ordinal).ThenBy(r => r.Key.Epoch, StringComparer.Ordinal).ThenBy(r => r.Seq)];
        KeyedProfile[] profiles = [.. batches.OfType<ProfileRecords>().SelectMany(b => b.Rows.Select((row, i) => new KeyedProfile(b.Key, b.First + i, row)))
            .OrderBy(r => r.Key.Device.Value, StringComparer.Ordinal).ThenBy(r => r.Key.Epoch, StringComparer.Ordinal).ThenBy(r => r.Seq)];
        await EnsureDaysAsync("minute", minutes.Select(r => Day.OfMs(r.Row.At)), cancel);
        await EnsureDaysAsync("profile", profiles.Select(r => Day.OfMs(r.Row.At)), cancel);

        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection);
        if (minutes.Length > 0)
            batch.BatchCommands.Add(PostgresTelemetrySchema.Insert(minutes));
        if (profiles.Length > 0)
            batch.BatchCommands.Add(PostgresTelemetrySchema.Insert(profiles));
        if (batch.BatchCommands.Count > 0)
            await batch.ExecuteNonQueryAsync(cancel);
    }

    public async Task<long> CountAsync(StreamKey key, long upTo, CancellationToken cancel)
    {
        if (key.Stream is not (RecordStream.Minute or RecordStream.Profile))
            throw new ArgumentException($"Stream '{key.Stream}' is not kept in telemetry tables.", nameof(key));

        await using var command = database.CreateCommand($"SELECT COUNT(*) FROM telemetry.{key.Stream} WHERE device = $1 AND epoch = $2 AND seq <= $3");
        Bind(command, key.Device.Value, key.Epoch, upTo);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }

    public Task<IReadOnlyList<MinuteRow>> MinutesAsync(DeviceId device, SlotName slot, long from, CancellationToken cancel) => SelectAsync(
        "SELECT at, seconds, model, answered, failed, dropped, p50, p95, max, confidence, energy, energy_net, energy_sigma, energy_share FROM telemetry.minute WHERE device = $1 AND slot = $2 AND at >= $3 AND at < $4 ORDER BY at",
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
        },
        cancel);

    public Task<IReadOnlyList<HourlyProfile>> ProfilesAsync(DeviceId device, SlotName slot, long from, CancellationToken cancel) => SelectAsync(
        "SELECT body FROM telemetry.profile WHERE device = $1 AND slot = $2 AND at >= $3 AND at < $4 ORDER BY at",
        device, slot, from, r => WireCodec.Decode(r.GetFieldValue<byte[]>(0), WireJson.Default.HourlyProfile, WireCodec.UnpackedBytesMax), cancel);

    public Task<IReadOnlyDictionary<DeviceId, IReadOnlyList<FleetMinute>>> FleetMinutesAsync(IReadOnlyCollection<DeviceId> devices, SlotName slot, long from, long to, CancellationToken cancel) => SelectManyAsync(
        "SELECT device, at, seconds, model, answered, failed, p95, confidence, energy FROM telemetry.minute WHERE device = ANY($1) AND slot = $2 AND at >= $3 AND at < $4 ORDER BY device, at",
        devices, slot, from, to,
        r => new FleetMinute(r.GetInt64(1), r.GetInt32(2), r.GetString(3), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.IsDBNull(7) ? null : r.GetInt32(7), r.IsDBNull(8) ? null : r.GetInt64(8)), cancel);

    public Task<IReadOnlyDictionary<DeviceId, IReadOnlyList<HourlyProfile>>> FleetProfilesAsync(IReadOnlyCollection<DeviceId> devices, SlotName slot, long from, long to, CancellationToken cancel) => SelectManyAsync(
        "SELECT device, body FROM telemetry.profile WHERE device = ANY($1) AND slot = $2 AND at >= $3 AND at < $4 ORDER BY device, at",
        devices, slot, from, to, r => WireCodec.Decode(r.GetFieldValue<byte[]>(1), WireJson.Default.HourlyProfile, WireCodec.UnpackedBytesMax), cancel);

    public async Task<int> RemoveBeforeAsync(Day day, CancellationToken cancel)
    {
        var old = (await PartitionsAsync(cancel)).Where(p => p.Day.CompareTo(day) < 0).ToList();
        foreach (var partition in old)
        {
            await using var drop = database.CreateCommand($"DROP TABLE IF EXISTS {PostgresTelemetrySchema.PartitionOf(partition.Table, partition.Day)}");
            await drop.ExecuteNonQueryAsync(cancel);
            lock (_known)
                _known.Remove(partition);
        }

        return old.Select(p => p.Day).Distinct().Count();
    }

    private async Task EnsureDaysAsync(string table, IEnumerable<Day> days, CancellationToken cancel)
    {
        foreach (var day in days.Distinct().Where(d => d.IsSane(time.GetUtcNow())))
        {
            lock (_known)
            {
                if (!_known.Add((table, day)))
                    continue;
            }

            try
            {
                await using var create = database.CreateCommand(PostgresTelemetrySchema.CreatePartition(table, day));
                await create.ExecuteNonQueryAsync(cancel);
            }
            catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.CheckViolation or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.InvalidObjectDefinition)
            {
                // Its records are in the default partition since they came too early, or another process made it in this moment: either way they have a place.
            }
            catch (Exception)
            {
                lock (_known)
                    _known.Remove((table, day));
                throw;
            }
        }
    }

    private async Task<List<(string Table, Day Day)>> PartitionsAsync(CancellationToken cancel)
    {
        await using var command = database.CreateCommand("SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'telemetry' AND c.relkind = 'r'");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<(string, Day)>();
        while (await reader.ReadAsync(cancel))
        {
            if (reader.GetString(0).Split('_', 2) is [var table, var name] && Day.TryParse(name.Replace('_', '-'), out var day))
                found.Add((table, day));
        }

        return found;
    }

    private async Task<IReadOnlyList<T>> SelectAsync<T>(string text, DeviceId device, SlotName slot, long from, Func<NpgsqlDataReader, T> read, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(text);
        Bind(command, device.Value, slot.Value, from, Day.Of(time.GetUtcNow()).Plus(2).From);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new List<T>();
        while (await reader.ReadAsync(cancel))
            found.Add(read(reader));
        return found;
    }

    private async Task<IReadOnlyDictionary<DeviceId, IReadOnlyList<T>>> SelectManyAsync<T>(
        string text, IReadOnlyCollection<DeviceId> devices, SlotName slot, long from, long to, Func<NpgsqlDataReader, T> read, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(text);
        Bind(command, devices.Select(d => d.Value).ToArray(), slot.Value, from, to);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var found = new FleetRows<T>();
        while (await reader.ReadAsync(cancel))
            found.Add(reader.GetString(0), read(reader));
        return found.ByDevice;
    }

    private static void Bind(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
    }
}
