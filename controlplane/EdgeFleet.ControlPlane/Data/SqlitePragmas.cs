using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace EdgeFleet.ControlPlane.Data;

/// <summary>
/// What every SQLite connection is opened with: readers beside the writer, waiting in place of failing when another one writes, and a commit
/// that is on disk when it returns, because an acknowledgement makes a device forget.
/// </summary>
internal sealed class SqlitePragmas : DbConnectionInterceptor
{
    /// <summary>The statements.</summary>
    public const string Text = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000;";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Apply(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Apply(connection);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Applies them to an open connection. Not to one that only reads: a database that was copied or restored is not in WAL mode yet, and such a
    /// connection, by which the framework looks whether it exists, cannot bring it there.
    /// </summary>
    public static void Apply(DbConnection connection)
    {
        if (new SqliteConnectionStringBuilder(connection.ConnectionString).Mode == SqliteOpenMode.ReadOnly)
            return;
        using var command = connection.CreateCommand();
        command.CommandText = Text;
        command.ExecuteNonQuery();
    }
}
