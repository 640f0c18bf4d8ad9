using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Rollouts;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>
/// After a restore, boards may have met what came after the backup. Numbers that they compare go so far ahead that none is met twice: those of rollouts, and the
/// versions of what the online key signs. Wishes and commands need nothing here: a board says with its hello how far it is.
/// </summary>
internal sealed class GoAhead(IDbContextFactory<FleetContext> contexts, PackageMetadata metadata)
{
    /// <summary>More rollouts, pushes and refreshes than anybody makes between two backups.</summary>
    public const int Steps = 1000;

    /// <summary>Goes ahead.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await using var db = await contexts.CreateDbContextAsync(cancel);
        var table = db.Model.FindEntityType(typeof(Rollout))!.GetTableName()!;
        var sql = db.Database.IsNpgsql()
            ? $"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'Id'), (SELECT COALESCE(MAX(\"Id\"), 0) FROM \"{table}\") + {Steps})"
            : $"INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '{table}'); UPDATE sqlite_sequence SET seq = seq + {Steps} WHERE name = '{table}'";
        await db.Database.ExecuteSqlRawAsync(sql, cancel);
        metadata.GoAhead(Steps);
    }
}
