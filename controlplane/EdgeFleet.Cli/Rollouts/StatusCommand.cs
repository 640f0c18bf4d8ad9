using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Rollouts;

/// <summary><c>edgefleet rollout status ID [-w]</c>: how it stands; with -w until it is over.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var id = new Argument<long>("id") { Description = "Number of the rollout." };
        var watch = new Option<bool>("--watch", "-w") { Description = "Go on until it is over. Exit code 6 when it did not end done." };
        var timeout = new Option<double?>("--timeout") { Description = "With -w: minutes to watch at the most. Exit code 5 when they are over." };
        var command = new Command("status", "Say how a rollout stands and why.") { id, watch, timeout };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var rollout = parsed.GetValue(watch)
                ? await WatchAsync(client, parsed.GetValue(id), parsed.GetValue(timeout), OutputOptions.Of(parsed), cancel)
                : await client.RolloutAsync(parsed.GetValue(id), cancel);
            if (rollout is null)
                return ExitCode.TimedOut;

            Printer.One(OutputOptions.Of(parsed), rollout, ApiJson.Default.RolloutDetail, $"{rollout.Rollout.Id}", () => RolloutText.Print(rollout));
            return parsed.GetValue(watch) && rollout.Rollout.State != "done" ? ExitCode.RolloutFailed : ExitCode.Ok;
        }));
        return command;
    }

    private static async Task<RolloutDetail?> WatchAsync(FleetClient client, long id, double? minutes, OutputFormat format, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        if (minutes is { } m)
            limit.CancelAfter(TimeSpan.FromMinutes(m));
        using var timer = new PeriodicTimer(PollInterval);
        var last = "";
        try
        {
            while (true)
            {
                var rollout = await client.RolloutAsync(id, limit.Token);
                var line = $"{Progress(rollout)}  {rollout.Rollout.State}: {rollout.Verdict.Why}";
                // Progress is for people; a script that reads JSON gets the end alone.
                if (format == OutputFormat.Table && line != last)
                    Console.Out.WriteLine(last = line);
                if (RolloutText.IsOver(rollout.Rollout))
                    return rollout;
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            Printer.Error($"Rollout {id} is not over after {minutes} minutes. It goes on without you: edgefleet rollout status {id}");
            return null;
        }
    }

    private static string Progress(RolloutDetail r)
    {
        const int Width = 20;
        var done = r.Rollout.Devices == 0 ? 0 : Width * r.Rollout.Committed / r.Rollout.Devices;
        var failed = r.Rollout.Devices == 0 ? 0 : Math.Min(Width - done, (Width * r.Rollout.Failed + r.Rollout.Devices - 1) / r.Rollout.Devices);
        return $"[{new string('#', done)}{new string('x', failed)}{new string('.', Width - done - failed)}] {r.Rollout.Committed}/{r.Rollout.Devices}";
    }
}
