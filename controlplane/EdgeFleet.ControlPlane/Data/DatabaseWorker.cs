using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Data;

/// <summary>Makes the database ready before anything else starts; the process does not start on one that cannot be used.</summary>
internal sealed partial class DatabaseWorker(IDbContextFactory<FleetContext> contexts, ILogger<DatabaseWorker> log) : IHostedService
{
    /// <summary>Creates or updates the schema.</summary>
    /// <exception cref="DatabaseFault">The database cannot be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var target = "";
        try
        {
            await using var db = await contexts.CreateDbContextAsync(cancellationToken);
            target = TargetOf(db.Database.GetDbConnection());
            var pending = (await db.Database.GetPendingMigrationsAsync(cancellationToken)).Count();
            await db.Database.MigrateAsync(cancellationToken);
            Log.DatabaseReady(log, target, pending);
        }
        catch (Exception e) when (e is DbException or InvalidOperationException or ArgumentException)
        {
            throw DatabaseFault.Of(e, target);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Never the whole connection string: it holds the password.
    private static string TargetOf(DbConnection connection) => $"'{connection.Database}' at {connection.DataSource}";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Database {Target} is ready ({Migrations} migrations applied)")]
        public static partial void DatabaseReady(ILogger logger, string target, int migrations);
    }
}
