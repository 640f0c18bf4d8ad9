using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary><c>edgefleet-controlplane backup FILE|-</c>.</summary>
internal static class BackupCommand
{
    public const string Name = "backup";
    private const int FilesBetweenWords = 1000;

    /// <summary>Makes a backup. Ends with 0, 1 when it was not made, 64 when the command was not understood.</summary>
    /// <param name="args">The arguments from <c>backup</c> on.</param>
    /// <param name="services">Services with data.</param>
    /// <param name="io">Where words go; the archive itself goes to standard output for <c>-</c>.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, IServiceProvider services, CommandIO io, CancellationToken cancel)
    {
        if (args is not [Name, var target] || target.Length == 0)
        {
            await io.Error.WriteLineAsync("Usage: edgefleet-controlplane backup FILE|- [--config FILE]");
            return 64;
        }

        var folder = services.GetRequiredService<DataFolder>();
        var writer = new BackupWriter(folder, services.GetRequiredService<IDbContextFactory<FleetContext>>(),
            services.GetRequiredService<IOptions<DatabaseOptions>>().Value, services.GetRequiredService<TimeProvider>());
        try
        {
            var index = target == "-"
                ? await writer.WriteAsync(Console.OpenStandardOutput(), Tell, cancel)
                : await ToFileAsync(writer, Path.GetFullPath(target), Tell, cancel);
            var bytes = index.Files.Sum(f => f.Bytes);
            new LastBackup(index.Made, bytes).Keep(folder);
            foreach (var damaged in writer.LeftOut)
                await io.Error.WriteLineAsync($"Left out: {damaged}");
            await io.Error.WriteLineAsync(
                $"Backed up {folder.Root} as it was at {index.Made:u}: {index.Files.Count} files, {Megabytes(bytes)}. It holds the private keys of the fleet: keep it where nobody else reads it. The configuration is not in it.");
            return 0;
        }
        catch (Exception e) when (e is BackupException or IOException or UnauthorizedAccessException or DatabaseFault or Microsoft.Data.Sqlite.SqliteException or Npgsql.NpgsqlException)
        {
            await io.Error.WriteLineAsync($"No backup was made. {e.Message}");
            return 1;
        }

        void Tell(int files, long bytes)
        {
            if (files % FilesBetweenWords == 0)
                io.Error.WriteLine($"{files} files, {Megabytes(bytes)}");
        }
    }

    // Under its name stands a whole backup or nothing: a cut leaves a file that says by its name that it is none.
    private static async Task<BackupIndex> ToFileAsync(BackupWriter writer, string path, Action<int, long> tell, CancellationToken cancel)
    {
        if (File.Exists(path))
            throw new BackupException($"{path} is there already; a backup is never written over another. Give another name.");
        var unfinished = path + ".unfinished";
        try
        {
            BackupIndex index;
            await using (var file = new FileStream(unfinished, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                index = await writer.WriteAsync(file, tell, cancel);
                await file.FlushAsync(cancel);
                Shared.Files.DurableFile.Sync(file.SafeFileHandle, unfinished);
            }

            Shared.Files.DurableFile.Move(unfinished, path);
            return index;
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private static string Megabytes(long bytes) => FormattableString.Invariant($"{bytes / 1e6:0.0} MB");
}
