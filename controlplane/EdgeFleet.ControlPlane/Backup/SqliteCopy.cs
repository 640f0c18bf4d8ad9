using EdgeFleet.ControlPlane.Data;
using Microsoft.Data.Sqlite;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>Copies of SQLite databases that others write to meanwhile: each is whole and of one moment.</summary>
internal static class SqliteCopy
{
    /// <summary>The database of what people edit, in an archive and in the data folder.</summary>
    public const string FleetEntry = "fleet.db";

    /// <summary>Folder of telemetry, a file a day.</summary>
    public const string TelemetryFolder = "telemetry";

    /// <summary>Days with telemetry.</summary>
    public static IEnumerable<string> TelemetryFiles(DataFolder folder) =>
        Directory.Exists(folder.Telemetry) ? Directory.EnumerateFiles(folder.Telemetry, "*.db").Order(StringComparer.Ordinal) : [];

    /// <summary>Copies a database into a new file.</summary>
    /// <exception cref="BackupException">It cannot be read, or the copy cannot be written.</exception>
    public static void To(string database, string copy)
    {
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA busy_timeout=10000; VACUUM INTO $copy";
            command.Parameters.AddWithValue("$copy", copy);
            command.ExecuteNonQuery();
        }
        catch (SqliteException e)
        {
            throw new BackupException($"{database} could not be copied: {e.Message} Nothing was changed.", e);
        }
    }
}
