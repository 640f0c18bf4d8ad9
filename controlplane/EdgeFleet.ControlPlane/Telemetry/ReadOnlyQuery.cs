using Microsoft.Data.Sqlite;

namespace EdgeFleet.ControlPlane.Telemetry;

/// <summary>One statement on a day file, over a connection of its own, so that readers never wait for the writer.</summary>
internal sealed class ReadOnlyQuery : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _command;

    /// <summary>Opens the file; the values are the parameters <c>$a</c>, <c>$b</c> and so on.</summary>
    public ReadOnlyQuery(string path, string text, IReadOnlyList<object> values)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        _connection.Open();
        _command = _connection.CreateCommand();
        _command.CommandText = text;
        for (var i = 0; i < values.Count; i++)
            _command.Parameters.AddWithValue($"${(char)('a' + i)}", values[i]);
    }

    /// <summary>The single value.</summary>
    public object? ExecuteScalar() => _command.ExecuteScalar();

    /// <summary>The rows.</summary>
    public SqliteDataReader ExecuteReader() => _command.ExecuteReader();

    public void Dispose()
    {
        _command.Dispose();
        _connection.Dispose();
    }
}
