using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace EdgeFleet.ControlPlane.Data;

/// <summary>Lets <c>dotnet ef migrations add</c> build the SQLite model without starting the program.</summary>
internal sealed class DesignTimeSqliteContext : IDesignTimeDbContextFactory<SqliteFleetContext>
{
    public SqliteFleetContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<SqliteFleetContext>().UseSqlite().Options);
}

/// <summary>The same for PostgreSQL.</summary>
internal sealed class DesignTimePostgresContext : IDesignTimeDbContextFactory<PostgresFleetContext>
{
    public PostgresFleetContext CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<PostgresFleetContext>().UseNpgsql().Options);
}
