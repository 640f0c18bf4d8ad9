using System.Globalization;
using EdgeFleet.Shared.Messages;
using Npgsql;
using NpgsqlTypes;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>The statements of <see cref="PostgresTelemetryStore"/>.</summary>
internal static class PostgresTelemetrySchema
{
    /// <summary>Makes the tables and their default partitions.</summary>
    public const string Text = """
        SELECT pg_advisory_lock(7163001);
        CREATE SCHEMA IF NOT EXISTS telemetry;
        CREATE TABLE IF NOT EXISTS telemetry.minute (
          device text NOT NULL, epoch text NOT NULL, seq bigint NOT NULL, slot text NOT NULL, at bigint NOT NULL,
          seconds integer NOT NULL, model text NOT NULL, answered bigint NOT NULL, failed bigint NOT NULL, dropped bigint NOT NULL,
          p50 bigint NOT NULL, p95 bigint NOT NULL, max bigint NOT NULL, confidence integer, energy bigint,
          PRIMARY KEY (device, epoch, seq, at)) PARTITION BY RANGE (at);
        ALTER TABLE telemetry.minute ADD COLUMN IF NOT EXISTS energy_net bigint;
        ALTER TABLE telemetry.minute ADD COLUMN IF NOT EXISTS energy_sigma bigint;
        ALTER TABLE telemetry.minute ADD COLUMN IF NOT EXISTS energy_share integer;
        CREATE TABLE IF NOT EXISTS telemetry.minute_undated PARTITION OF telemetry.minute DEFAULT;
        CREATE TABLE IF NOT EXISTS telemetry.profile (
          device text NOT NULL, epoch text NOT NULL, seq bigint NOT NULL, slot text NOT NULL, at bigint NOT NULL, body bytea NOT NULL,
          PRIMARY KEY (device, epoch, seq, at)) PARTITION BY RANGE (at);
        CREATE TABLE IF NOT EXISTS telemetry.profile_undated PARTITION OF telemetry.profile DEFAULT;
        SELECT pg_advisory_unlock(7163001);
        """;

    /// <summary>Name of a day's partition.</summary>
    public static string PartitionOf(string table, Day day) => $"telemetry.{table}_{day.ToString().Replace('-', '_')}";

    /// <summary>Makes a day's partition.</summary>
    public static string CreatePartition(string table, Day day) => string.Create(
        CultureInfo.InvariantCulture, $"CREATE TABLE IF NOT EXISTS {PartitionOf(table, day)} PARTITION OF telemetry.{table} FOR VALUES FROM ({day.From}) TO ({day.To})");

    /// <summary>Inserts minute rows, each once.</summary>
    public static NpgsqlBatchCommand Insert(KeyedMinute[] rows) => Unnest(
        "minute (device, epoch, seq, slot, at, seconds, model, answered, failed, dropped, p50, p95, max, confidence, energy, energy_net, energy_sigma, energy_share)",
        Column(rows, r => r.Key.Device.Value, NpgsqlDbType.Text),
        Column(rows, r => r.Key.Epoch, NpgsqlDbType.Text),
        Column(rows, r => r.Seq, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.Slot.Value, NpgsqlDbType.Text),
        Column(rows, r => r.Row.At, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.Seconds, NpgsqlDbType.Integer),
        Column(rows, r => r.Row.Model, NpgsqlDbType.Text),
        Column(rows, r => r.Row.Answered, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.Failed, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.Dropped, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.P50Us, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.P95Us, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.MaxUs, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.Confidence, NpgsqlDbType.Integer),
        Column(rows, r => r.Row.EnergyUj, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.EnergyNetUj, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.EnergySigmaUj, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.EnergyShare, NpgsqlDbType.Integer));

    /// <summary>Inserts profiles, each once.</summary>
    public static NpgsqlBatchCommand Insert(KeyedProfile[] rows) => Unnest(
        "profile (device, epoch, seq, slot, at, body)",
        Column(rows, r => r.Key.Device.Value, NpgsqlDbType.Text),
        Column(rows, r => r.Key.Epoch, NpgsqlDbType.Text),
        Column(rows, r => r.Seq, NpgsqlDbType.Bigint),
        Column(rows, r => r.Row.Slot.Value, NpgsqlDbType.Text),
        Column(rows, r => r.Row.At, NpgsqlDbType.Bigint),
        Column(rows, r => WireCodec.Encode(r.Row, WireJson.Default.HourlyProfile), NpgsqlDbType.Bytea));

    private static NpgsqlBatchCommand Unnest(string target, params ReadOnlySpan<NpgsqlParameter> columns)
    {
        var names = string.Join(", ", Enumerable.Range(1, columns.Length).Select(i => $"${i}"));
        var command = new NpgsqlBatchCommand($"INSERT INTO telemetry.{target} SELECT * FROM unnest({names}) ON CONFLICT DO NOTHING");
        foreach (var column in columns)
            command.Parameters.Add(column);
        return command;
    }

    private static NpgsqlParameter Column<TRow, TValue>(TRow[] rows, Func<TRow, TValue> value, NpgsqlDbType type) =>
        new() { Value = Array.ConvertAll(rows, r => value(r)), NpgsqlDbType = NpgsqlDbType.Array | type };
}
