using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Backup;
using EdgeFleet.ControlPlane.Data;
using EdgeFleet.ControlPlane.Models;
using EdgeFleet.ControlPlane.Models.Deltas;
using Microsoft.Extensions.Options;

namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>Runs the command of the arguments and turns its ending into an exit code: 0 done, 1 failed, 64 not understood, 78 bad configuration.</summary>
internal static class Commands
{
    private const int NotUnderstood = 64;

    public static async Task<int> RunAsync(string[] args, Func<CommandLine, Action<IServiceCollection>?, WebApplication> build)
    {
        var (line, fault) = CommandLine.Parse(args);
        if (line is null)
        {
            await Console.Error.WriteLineAsync($"{fault}\n{CommandLine.Usage}");
            return NotUnderstood;
        }

        switch (line.Command)
        {
            case "help":
                Console.WriteLine(CommandLine.Usage);
                return 0;
            case "version":
                Console.WriteLine(typeof(Commands).Assembly.GetName().Version?.ToString(3));
                return 0;
            case CheckPackageCommand.Name:
                return CheckPackageCommand.Run([.. line.Arguments.Skip(1)]);
            case MakeDeltaCommand.Name:
                return MakeDeltaCommand.Run([.. line.Arguments.Skip(1)]);
            case BackupCommand.Name or RestoreCommand.Name:
                return await GuardedAsync(() => new ControlPlaneOptions(), () => WithDataAsync(line));
            default:
                return await WithAppAsync(line, build);
        }
    }

    private static async Task<int> WithDataAsync(CommandLine line)
    {
        await using var services = BackupHost.Build(line.ConfigurationFile);
        return line.Command == BackupCommand.Name
            ? await BackupCommand.RunAsync(line.Arguments, services, Streams, CancellationToken.None)
            : await RestoreCommand.RunAsync(line.Arguments, services, Streams, CancellationToken.None);
    }

    private static async Task<int> WithAppAsync(CommandLine line, Func<CommandLine, Action<IServiceCollection>?, WebApplication> build)
    {
        ControlPlaneOptions options = new();
        return await GuardedAsync(() => options, async () =>
        {
            await using var app = build(line, null);
            options = app.Services.GetRequiredService<IOptions<ControlPlaneOptions>>().Value;
            if (line.Command == "user")
            {
                await ActivatorUtilities.CreateInstance<DatabaseWorker>(app.Services).StartAsync(CancellationToken.None);
                return await UserCommand.RunAsync([.. line.Arguments], app.Services, Streams, CancellationToken.None);
            }

            await ServeAsync(app);
            return 0;
        });
    }

    private static CommandIO Streams => new(Console.In, Console.Out, Console.Error);

    private static async Task<int> GuardedAsync(Func<ControlPlaneOptions> options, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException)
        {
            // It was told to stop before all of it had started.
            return 0;
        }
        catch (ConfigurationFault e)
        {
            await Console.Error.WriteLineAsync($"The configuration has {e.Faults.Count} fault(s):");
            foreach (var one in e.Faults)
                await Console.Error.WriteLineAsync($"  {one}");
            return ConfigurationFault.ExitCode;
        }
        catch (Exception e) when (StartFault.Explain(e, options()) is { } sentence)
        {
            await Console.Error.WriteLineAsync(sentence);
            return 1;
        }
    }

    // What has started is stopped in order even when something later does not start: workers that are only let go of report faults of their own.
    private static async Task ServeAsync(WebApplication app)
    {
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.StopAsync();
            throw;
        }

        await app.WaitForShutdownAsync();
    }
}
