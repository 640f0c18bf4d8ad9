using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Data;

/// <summary>
/// What people edit and what the fleet reported last, on SQLite or PostgreSQL. Entities stand in the folder of their capability, each with an
/// <see cref="IEntityTypeConfiguration{TEntity}"/> beside it. Times are Unix milliseconds; a row that two may change has a concurrency token.
/// </summary>
internal abstract class FleetContext(DbContextOptions options) : DbContext(options)
{
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(FleetContext).Assembly);
}

/// <summary>The context on SQLite.</summary>
internal sealed class SqliteFleetContext(DbContextOptions<SqliteFleetContext> options) : FleetContext(options);

/// <summary>The context on PostgreSQL.</summary>
internal sealed class PostgresFleetContext(DbContextOptions<PostgresFleetContext> options) : FleetContext(options);
