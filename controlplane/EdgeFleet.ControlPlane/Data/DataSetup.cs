using EdgeFleet.ControlPlane.Backup;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EdgeFleet.ControlPlane.Data;

/// <summary>Registers the data folder and the database.</summary>
internal static class DataSetup
{
    /// <summary>Folder that is used when none is configured.</summary>
    public const string DefaultFolder = "/var/lib/edgefleet-controlplane";

    /// <summary>Adds <see cref="DataFolder"/>, the factory of <see cref="FleetContext"/> and the worker that makes the schema; call it before every other AddX.</summary>
    public static IServiceCollection AddData(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<DatabaseOptions>().BindConfiguration(DatabaseOptions.Section).ValidateDataAnnotations()
            .Validate(o => o.Provider != DatabaseOptions.Postgres || o.Connection.Length > 0, "Database:Connection must name the PostgreSQL database, for example 'Host=db;Database=edgefleet;Username=edgefleet'.")
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(_ => new DataFolder(configuration["ControlPlane:DataFolder"] is { Length: > 0 } folder ? folder : DefaultFolder));

        var database = configuration.GetSection(DatabaseOptions.Section).Get<DatabaseOptions>() ?? new DatabaseOptions();
        if (database.Provider == DatabaseOptions.Postgres)
            services.AddContext<PostgresFleetContext>((_, options) => options.UseNpgsql(database.Connection));
        else
            services.AddContext<SqliteFleetContext>((s, options) => options.UseSqlite(SqliteConnection(database, s)).AddInterceptors(new SqlitePragmas()));

        services.AddSingleton<BackupQueries>();
        return services.AddHostedService<DatabaseWorker>();
    }

    private static void AddContext<TContext>(this IServiceCollection services, Action<IServiceProvider, DbContextOptionsBuilder> configure)
        where TContext : FleetContext
    {
        services.AddPooledDbContextFactory<TContext>(configure);
        services.AddSingleton<IDbContextFactory<FleetContext>, FleetContextFactory<TContext>>();
    }

    private static string SqliteConnection(DatabaseOptions database, IServiceProvider services) => database.Connection.Length > 0
        ? database.Connection
        : new SqliteConnectionStringBuilder { DataSource = services.GetRequiredService<DataFolder>().Database }.ToString();
}
