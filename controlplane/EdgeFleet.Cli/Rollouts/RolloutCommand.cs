using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Rollouts;

/// <summary><c>edgefleet rollout start|list|status|explain|pause|resume|abort</c>.</summary>
internal static class RolloutCommand
{
    public static Command Create() => new("rollout", "Carry a model version to devices, in waves.")
    {
        StartCommand.Create(),
        List(),
        StatusCommand.Create(),
        ExplainRolloutCommand.Create(),
        Act("pause", "Tell nobody new; devices under way finish."),
        Act("resume", "Go on with a paused rollout."),
        Act("abort", "End a rollout; devices that took the version go back."),
    };

    private static Command List()
    {
        var command = new Command("list", "List rollouts, newest first.");
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var rollouts = await client.RolloutsAsync(cancel);
            Printer.List(OutputOptions.Of(parsed), rollouts, ApiJson.Default.IReadOnlyListRolloutSummary, r => $"{r.Id}",
                "Nothing has been sent out yet. Start with a model: edgefleet model pack --help",
                new("ID", r => $"{r.Id}"), new("VERSION", r => $"{r.Model} {r.Version}"), new("SLOT", r => r.Slot), new("SELECTOR", r => r.Selector), new("STATE", r => r.State),
                new("SINCE", r => Printer.Time(r.Since)), new("COMMITTED", r => $"{r.Committed} of {r.Devices}"), new("FAILED", r => $"{r.Failed}"), new("WHY", r => r.Why));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Act(string verb, string description)
    {
        var id = new Argument<long>("id") { Description = "Number of the rollout." };
        var command = new Command(verb, description) { id };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var rollout = await client.ActOnRolloutAsync(parsed.GetValue(id), verb, cancel);
            Printer.One(OutputOptions.Of(parsed), rollout, ApiJson.Default.RolloutDetail, $"{rollout.Rollout.Id}", () => RolloutText.Print(rollout));
            return ExitCode.Ok;
        }));
        return command;
    }
}
