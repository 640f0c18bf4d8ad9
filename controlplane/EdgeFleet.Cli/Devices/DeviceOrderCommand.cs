using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Devices;

/// <summary><c>edgefleet device restart|rebaseline|wipe|commands|approve|withdraw</c>: commands to a device. Wiping needs a second person.</summary>
internal static class DeviceOrderCommand
{
    public static IEnumerable<Command> All() =>
    [
        Ask("restart", "Start the agent of a device anew."),
        Ask("rebaseline", "Let a device learn anew what is usual at its site: after its camera was moved or cleaned."),
        Ask("wipe", "Delete identity, records and models on a device. A second person has to approve it."),
        List(),
        Decide("approve", "Approve a command as the second person."),
        Decide("withdraw", "Take a command back that the device has not answered."),
    ];

    private static Command Ask(string kind, string description)
    {
        var id = new Argument<string>("device") { Description = "Id of the device." };
        var reason = new Option<string?>("--reason") { Description = "Why; stands in the history and in the audit log." };
        var command = new Command(kind, description) { id, reason };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            Print(parsed, await client.CommandAsync(parsed.GetValue(id)!, new CommandRequest(kind, parsed.GetValue(reason)), cancel));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Decide(string verb, string description)
    {
        var id = new Argument<string>("command") { Description = "Id of the command, from 'edgefleet device commands'." };
        var command = new Command(verb, description) { id };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            Print(parsed, await client.ActOnCommandAsync(parsed.GetValue(id)!, verb, cancel));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command List()
    {
        var id = new Argument<string?>("device") { Description = "Id of the device; all without one.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("commands", "List commands, the newest first.") { id };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            Printer.List(OutputOptions.Of(parsed), await client.CommandsAsync(parsed.GetValue(id), cancel), ApiJson.Default.IReadOnlyListCommandSummary, c => c.Id, "No command was given.",
                new("ID", c => c.Id), new("DEVICE", c => c.Device), new("COMMAND", c => c.Kind), new("STATE", c => c.State), new("ASKED BY", c => c.AskedBy), new("AT", c => Printer.Time(c.Asked)),
                new("APPROVED BY", c => c.ApprovedBy), new("WHY", c => c.Reason), new("ANSWER", c => c.Answer));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static void Print(ParseResult parsed, CommandSummary c) => Printer.One(OutputOptions.Of(parsed), c, ApiJson.Default.CommandSummary, c.Id, () => Console.Out.WriteLine(c.State switch
    {
        "needs approval" => $"Asked for. Somebody else has to approve it: edgefleet device approve {c.Id}",
        "waiting" => $"Signed as number {c.Number}; {c.Device} gets it as soon as it is connected. See: edgefleet device commands {c.Device}",
        _ => $"The command is {c.State}. {c.Answer}",
    }));
}
