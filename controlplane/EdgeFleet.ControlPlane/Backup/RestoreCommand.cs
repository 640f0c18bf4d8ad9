using System.Globalization;
using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Backup;

/// <summary><c>edgefleet-controlplane restore FILE|- [--replace]</c>.</summary>
internal static class RestoreCommand
{
    public const string Name = "restore";

    /// <summary>Restores a backup. Ends with 0, 1 when nothing was restored, 64 when the command was not understood.</summary>
    /// <param name="args">The arguments from <c>restore</c> on.</param>
    /// <param name="services">Services with data, of which none has opened the database yet.</param>
    /// <param name="io">Where words go; the archive comes from standard input for <c>-</c>.</param>
    /// <param name="cancel">Ends it.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, IServiceProvider services, CommandIO io, CancellationToken cancel)
    {
        var replace = args.Contains("--replace");
        if (args.Where(a => a != "--replace").ToList() is not [Name, var source] || source.Length == 0)
        {
            await io.Error.WriteLineAsync("Usage: edgefleet-controlplane restore FILE|- [--replace] [--config FILE]");
            return 64;
        }

        var (folder, database) = (services.GetRequiredService<DataFolder>(), services.GetRequiredService<IOptions<DatabaseOptions>>().Value);
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var place = new RestorePlace(folder, database, BackupContents.AsidePrefix + now.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture));
        try
        {
            await place.CheckAsync(replace, cancel);
            await using var archive = source == "-" ? Console.OpenStandardInput() : File.OpenRead(source);
            var index = await place.UnpackAsync(archive, Known(services), cancel);
            await place.PutAsync(cancel);
            await ActivatorUtilities.CreateInstance<DatabaseWorker>(services).StartAsync(cancel);
            await ActivatorUtilities.CreateInstance<GoAhead>(services).RunAsync(cancel);
            await io.Output.WriteLineAsync($"""
                Restored into {folder.Root}: the fleet as it was at {index.Made:u}, {index.Files.Count} files.{(place.IsReplacing ? $" What was there is in {place.Aside}." : "")}
                Start the control plane. Boards that are ahead of the backup keep what they run and send what they hold; wishes to them go on from their versions.
                Known to nobody any more: accounts, tokens, enrolments, rollouts and packages that came after {index.Made:u}. Boards enrolled since then enrol again.
                """);
            return 0;
        }
        catch (Exception e) when (e is BackupException or IOException or UnauthorizedAccessException or DatabaseFault)
        {
            await io.Error.WriteLineAsync($"Nothing was restored. {e.Message}");
            return 1;
        }
        finally
        {
            place.Dispose();
        }
    }

    private static IReadOnlyList<string> Known(IServiceProvider services)
    {
        using var db = services.GetRequiredService<IDbContextFactory<FleetContext>>().CreateDbContext();
        return [.. db.Database.GetMigrations()];
    }
}
