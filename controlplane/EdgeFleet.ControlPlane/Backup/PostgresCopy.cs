using System.Diagnostics;
using System.Globalization;
using EdgeFleet.Shared.Processes;
using Npgsql;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary>Copies of a PostgreSQL database by PostgreSQL's own programs (Debian: <c>postgresql-client</c>), which must not be older than the server.</summary>
internal static class PostgresCopy
{
    /// <summary>The dump in an archive.</summary>
    public const string Entry = "fleet.pgdump";

    private static readonly TimeSpan Within = TimeSpan.FromHours(12);

    /// <summary>Dumps the database as it is at one moment into a file.</summary>
    /// <exception cref="BackupException">It could not be dumped.</exception>
    public static Task DumpAsync(string connection, string file, CancellationToken cancel) =>
        RunAsync("pg_dump", connection, ["--format=custom", "--no-owner", "--no-privileges", $"--file={file}"], "The database was not dumped", cancel);

    /// <summary>Fills the database from a dump. What was in it is kept in a schema of its own.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="file">The dump.</param>
    /// <param name="aside">Name of that schema; null when the database is known to be empty.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="BackupException">It was not filled; what was in it is in its place again.</exception>
    public static async Task RestoreAsync(string connection, string file, string? aside, CancellationToken cancel)
    {
        if (aside is not null)
            await ExecuteAsync(connection, $"ALTER SCHEMA public RENAME TO \"{aside}\"; CREATE SCHEMA public", cancel);
        try
        {
            await RunAsync("pg_restore", connection, ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--schema=public", file], "The dump was not restored", cancel);
        }
        catch when (aside is not null)
        {
            await ExecuteAsync(connection, $"DROP SCHEMA public CASCADE; ALTER SCHEMA \"{aside}\" RENAME TO public", CancellationToken.None);
            throw;
        }
    }

    /// <summary>True when there is a table in the database.</summary>
    /// <exception cref="BackupException">The server does not answer.</exception>
    public static async Task<bool> HasTablesAsync(string connection, CancellationToken cancel) =>
        (long)(await ScalarAsync(connection, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'", cancel))! > 0;

    private static async Task RunAsync(string program, string connection, string[] arguments, string what, CancellationToken cancel)
    {
        var to = new NpgsqlConnectionStringBuilder(connection);
        var info = new ProcessStartInfo(program);
        // By the environment: arguments are for everybody on the machine to read.
        (string Name, string? Value)[] named =
            [("PGHOST", to.Host), ("PGPORT", to.Port.ToString(CultureInfo.InvariantCulture)), ("PGUSER", to.Username), ("PGPASSWORD", to.Password), ("PGDATABASE", to.Database)];
        foreach (var (name, value) in named.Where(n => !string.IsNullOrEmpty(n.Value)))
            info.Environment[name] = value;
        foreach (var argument in program == "pg_restore" ? ["--dbname=" + to.Database, .. arguments] : arguments)
            info.ArgumentList.Add(argument);
        var (end, why) = await ChildRun.RunAsync(info, Within, cancel);
        if (end is null)
            throw new BackupException($"{what}: {program} cannot be run ({why}). Install PostgreSQL's client programs: apt-get install postgresql-client");
        if (end.ExitCode != 0)
            throw new BackupException($"{what}: {program} ended with {end.ExitCode}{end.Said}");
    }

    private static async Task ExecuteAsync(string connection, string sql, CancellationToken cancel) => await ScalarAsync(connection, sql, cancel);

    private static async Task<object?> ScalarAsync(string connection, string sql, CancellationToken cancel)
    {
        try
        {
            await using var open = new NpgsqlConnection(connection);
            await open.OpenAsync(cancel);
            await using var command = new NpgsqlCommand(sql, open);
            return await command.ExecuteScalarAsync(cancel);
        }
        catch (NpgsqlException e)
        {
            throw new BackupException($"The database does not do it: {e.Message}", e);
        }
    }
}
