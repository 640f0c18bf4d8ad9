using System.Globalization;
using Microsoft.Data.Sqlite;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>Statements with their values on one line. Every text is a constant of its caller; what varies is a parameter.</summary>
internal static class SqliteStatements
{
    /// <summary>Runs a text without values and gives its first value.</summary>
    public static object? Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.Command(sql);
        return command.ExecuteScalar();
    }

    /// <summary>Runs a statement.</summary>
    public static void Run(this SqliteConnection connection, string sql, params ReadOnlySpan<(string, object)> values)
    {
        using var command = connection.Command(sql, values);
        command.ExecuteNonQuery();
    }

    /// <summary>Gives the first value as a whole number.</summary>
    public static long Number(this SqliteConnection connection, string sql, params ReadOnlySpan<(string, object)> values)
    {
        using var command = connection.Command(sql, values);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>A statement ready to be read from.</summary>
    public static SqliteCommand Command(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // See the class.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
        return command;
    }
}

/// <summary>The results of SQLite that are told apart.</summary>
internal static class SqliteErrors
{
    /// <summary>SQLITE_CORRUPT.</summary>
    public const int Corrupt = 11;

    /// <summary>SQLITE_NOTADB.</summary>
    public const int NotADatabase = 26;

    /// <summary>SQLITE_BUSY: another process holds the file.</summary>
    public const int Busy = 5;

    /// <summary>True when the file itself is damaged, so that no retry can help.</summary>
    public static bool IsDamage(SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase;
}
