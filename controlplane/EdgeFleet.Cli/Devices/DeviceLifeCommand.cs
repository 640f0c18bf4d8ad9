using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Devices;

/// <summary><c>edgefleet device revoke|admit|quarantine|release|retire|transfer</c>: how a device stands in the fleet.</summary>
internal static class DeviceLifeCommand
{
    public static IEnumerable<Command> All() =>
    [
        Verb("revoke", "Shut a device out at once; its connection is cut.", d => $"{d.Id} is shut out. To let it in again: edgefleet device admit {d.Id}"),
        Verb("admit", "Let a device in again that was shut out.", d => $"{d.Id} is admitted again."),
        Verb("quarantine", "Mark a device as not to be trusted for now; it goes on working.", d => $"{d.Id} is in quarantine. To end it: edgefleet device release {d.Id}"),
        Verb("release", "End a quarantine.", d => $"{d.Id} is released."),
        Verb("retire", "Take a device out of service for good; its history stays.", d => $"{d.Id} is retired. What it keeps is deleted by a wipe before that: edgefleet device wipe {d.Id}"),
        Transfer(),
    ];

    private static Command Verb(string verb, string description, Func<DeviceSummary, string> said)
    {
        var id = new Argument<string>("device") { Description = "Id of the device." };
        var reason = new Option<string?>("--reason") { Description = "Why; stands in the history and in the audit log." };
        var command = new Command(verb, description) { id, reason };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var device = await client.ActOnDeviceAsync(parsed.GetValue(id)!, verb, parsed.GetValue(reason), cancel);
            Printer.One(OutputOptions.Of(parsed), device, ApiJson.Default.DeviceSummary, device.Id, () => Console.Out.WriteLine(said(device)));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Transfer()
    {
        var id = new Argument<string>("device") { Description = "Id of the device; it stays." };
        var site = new Option<string?>("--site") { Description = "Its new site." };
        var tags = new Option<string[]?>("--tag") { Description = "Its new tags, in place of the old ones; may be given several times.", AllowMultipleArgumentsPerToken = true };
        var title = new Option<string?>("--name") { Description = "Its new name for people." };
        var command = new Command("transfer", "Give a device another site, other tags or another name.") { id, site, tags, title };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var given = parsed.GetResult(tags) is { Implicit: false } ? parsed.GetValue(tags) : null;
            var device = await client.TransferAsync(parsed.GetValue(id)!, new TransferRequest(parsed.GetValue(site), given, parsed.GetValue(title)), cancel);
            Printer.One(OutputOptions.Of(parsed), device, ApiJson.Default.DeviceSummary, device.Id,
                () => Console.Out.WriteLine($"{device.Id}: site {(device.Site.Length == 0 ? "(none)" : device.Site)}, tags {(device.Tags.Count == 0 ? "(none)" : string.Join(" ", device.Tags))}{(device.Title.Length == 0 ? "" : $", called {device.Title}")}."));
            return ExitCode.Ok;
        }));
        return command;
    }
}
