using EdgeFleet.ControlPlane.Data;
using EdgeFleet.Shared.Messages;
using Microsoft.Data.Sqlite;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>One file of records: those of a day, or the undated ones. Written by one writer; readers open it by themselves.</summary>
internal sealed class SqliteDayFile : IDisposable
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS minute (
          device TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, slot TEXT NOT NULL, at INTEGER NOT NULL, day INTEGER NOT NULL,
          seconds INTEGER NOT NULL, model TEXT NOT NULL, answered INTEGER NOT NULL, failed INTEGER NOT NULL, dropped INTEGER NOT NULL,
          p50 INTEGER NOT NULL, p95 INTEGER NOT NULL, max INTEGER NOT NULL, confidence INTEGER, energy INTEGER,
          energy_net INTEGER, energy_sigma INTEGER, energy_share INTEGER);
        CREATE UNIQUE INDEX IF NOT EXISTS minute_key ON minute (device, epoch, seq);
        CREATE TABLE IF NOT EXISTS profile (
          device TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, slot TEXT NOT NULL, at INTEGER NOT NULL, day INTEGER NOT NULL,
          body BLOB NOT NULL);
        CREATE UNIQUE INDEX IF NOT EXISTS profile_key ON profile (device, epoch, seq);
        """;

    // Columns of minute that the first files did not have.
    private static readonly string[] LaterColumns = ["energy_net", "energy_sigma", "energy_share"];

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _minute;
    private readonly SqliteCommand _profile;

    /// <summary>Opens the file, making it.</summary>
    public SqliteDayFile(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _connection.Open();
        SqlitePragmas.Apply(_connection);
        Execute(Schema);
        foreach (var column in LaterColumns.Where(c => !HasColumn(c)))
            Execute($"ALTER TABLE minute ADD COLUMN {column} INTEGER");
        _minute = Insert("minute", "device", "epoch", "seq", "slot", "at", "day", "seconds", "model", "answered", "failed", "dropped", "p50", "p95", "max", "confidence", "energy", "energy_net", "energy_sigma", "energy_share");
        _profile = Insert("profile", "device", "epoch", "seq", "slot", "at", "day", "body");
    }

    /// <summary>True for a file of an earlier version, which lacks columns until it is opened for writing.</summary>
    public static bool IsOld(string path)
    {
        using var query = new ReadOnlyQuery(path, "SELECT COUNT(*) FROM pragma_table_info('minute') WHERE name = $a", [LaterColumns[^1]]);
        return (long)query.ExecuteScalar()! == 0;
    }

    /// <summary>Days that have records in here.</summary>
    public IReadOnlySet<Day> Days()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT day FROM minute UNION SELECT day FROM profile";
        using var reader = command.ExecuteReader();
        var days = new HashSet<Day>();
        while (reader.Read())
            days.Add(new Day(reader.GetInt64(0)));
        return days;
    }

    /// <summary>Stores what is not there yet, in one transaction.</summary>
    public void Add(IReadOnlyList<KeyedMinute> minutes, IReadOnlyList<KeyedProfile> profiles)
    {
        using var transaction = _connection.BeginTransaction();
        (_minute.Transaction, _profile.Transaction) = (transaction, transaction);
        foreach (var (key, seq, row) in minutes)
            Run(_minute, key.Device.Value, key.Epoch, seq, row.Slot.Value, row.At, Day.OfMs(row.At).Number, row.Seconds, row.Model, row.Answered, row.Failed, row.Dropped, row.P50Us, row.P95Us, row.MaxUs, row.Confidence, row.EnergyUj,
                row.EnergyNetUj, row.EnergySigmaUj, row.EnergyShare);
        foreach (var (key, seq, row) in profiles)
            Run(_profile, key.Device.Value, key.Epoch, seq, row.Slot.Value, row.At, Day.OfMs(row.At).Number, WireCodec.Encode(row, WireJson.Default.HourlyProfile));
        transaction.Commit();
    }

    public void Dispose()
    {
        _minute.Dispose();
        _profile.Dispose();
        _connection.Dispose();
    }

    private static void Run(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        command.ExecuteNonQuery();
    }

    private bool HasColumn(string name)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM pragma_table_info('minute') WHERE name = $name";
        command.Parameters.AddWithValue("$name", name);
        return (long)command.ExecuteScalar()! > 0;
    }

    private SqliteCommand Insert(string table, params string[] columns)
    {
        var command = _connection.CreateCommand();
        command.CommandText = $"INSERT OR IGNORE INTO {table} ({string.Join(", ", columns)}) VALUES ({string.Join(", ", columns.Select(c => "$" + c))})";
        foreach (var column in columns)
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + column });
        return command;
    }

    private void Execute(string text)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}

/// <summary>A minute row with its key.</summary>
internal readonly record struct KeyedMinute(StreamKey Key, long Seq, MinuteRow Row);

/// <summary>A profile with its key.</summary>
internal readonly record struct KeyedProfile(StreamKey Key, long Seq, HourlyProfile Row);
