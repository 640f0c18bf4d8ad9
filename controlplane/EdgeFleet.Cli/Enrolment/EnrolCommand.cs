using System.CommandLine;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Enrolment;

/// <summary><c>edgefleet enrol waiting|approve|refuse|keys|add-keys|remove-key</c>: boards that come without a token.</summary>
internal static class EnrolCommand
{
    public static Command Create() => new("enrol", "Boards that ask to be let in, and keys that are listed in advance.") { Waiting(), Approve(), Refuse(), Keys(), AddKeys(), RemoveKey() };

    private static Command Waiting()
    {
        var all = new Option<bool>("--all", "-a") { Description = "Also those that are decided." };
        var command = new Command("waiting", "List boards that wait for approval. Compare the key with the one that the board shows.") { all };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            IReadOnlyList<EnrolmentAskSummary> rows = [.. (await client.EnrolmentAsksAsync(cancel)).Where(a => parsed.GetValue(all) || a.State == "waiting")];
            Printer.List(OutputOptions.Of(parsed), rows, ApiJson.Default.IReadOnlyListEnrolmentAskSummary, a => $"{a.Id}",
                "No board waits. One that has no token asks with: edgefleet-agent enrol TICKET, with the ticket of: edgefleet token open",
                new("ID", a => $"{a.Id}"), new("KEY", a => EnrolmentWays.Grouped(a.Key)), new("WISHES", a => a.Replaces ? $"{a.Wish}, from the device that has it" : a.Wish), new("BOARD", a => a.Hardware),
                new("FROM", a => a.Address), new("SINCE", a => Printer.Time(a.Asked)), new("ASKED LAST", a => Printer.Time(a.LastAsked)), new("STATE", a => a.DecidedBy is { } who ? $"{a.State} by {who}" : a.State));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Approve()
    {
        var id = new Argument<long>("id") { Description = "Number of the board in 'edgefleet enrol waiting'." };
        var name = new Option<string?>("--name") { Description = "Id that it gets; otherwise the one it wishes." };
        var site = new Option<string?>("--site") { Description = "Site that it gets." };
        var tags = new Option<string[]>("--tag") { Description = "Tag that it gets; may be given several times.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("approve", "Let a board in.") { id, name, site, tags };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var ask = await client.ApproveEnrolmentAsync(parsed.GetValue(id), new EnrolmentApproval(parsed.GetValue(name), parsed.GetValue(site), parsed.GetValue(tags) ?? []), cancel);
            Printer.One(OutputOptions.Of(parsed), ask, ApiJson.Default.EnrolmentAskSummary, $"{ask.Id}",
                () => Console.Out.WriteLine($"Board {ask.Id} is approved{(ask.Device is { } device ? $" as {device}" : "")}; it gets its certificate when it asks next, within seconds."));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Refuse()
    {
        var id = new Argument<long>("id") { Description = "Number of the board in 'edgefleet enrol waiting'." };
        var reason = new Option<string?>("--reason") { Description = "Why; the board is told." };
        var command = new Command("refuse", "Turn a board away.") { id, reason };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var ask = await client.RefuseEnrolmentAsync(parsed.GetValue(id), parsed.GetValue(reason), cancel);
            Printer.One(OutputOptions.Of(parsed), ask, ApiJson.Default.EnrolmentAskSummary, $"{ask.Id}", () => Console.Out.WriteLine($"Board {ask.Id} is refused."));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command Keys()
    {
        var command = new Command("keys", "List the keys that are listed in advance.");
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            Print(parsed, await client.ListedKeysAsync(cancel));
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command AddKeys()
    {
        var file = new Argument<FileInfo>("file") { Description = "CSV file: key,name,site,tags (tags with spaces between them; all but the key may be empty)." };
        var command = new Command("add-keys", "List keys of boards in advance, as 'edgefleet-agent key' prints them. All are taken, or none.") { file };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var path = parsed.GetValue(file)!.FullName;
            if (!File.Exists(path))
                throw new UsageException($"There is no file {path}.");
            var keys = KeyList.Read(await File.ReadAllLinesAsync(path, cancel), path);
            await client.ListKeysAsync(keys, cancel);
            Console.Out.WriteLine($"{keys.Count} key(s) listed. Boards enrol with the ticket of: edgefleet token open");
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command RemoveKey()
    {
        var key = new Argument<string>("key") { Description = "SHA-256 of the key." };
        var command = new Command("remove-key", "Take a key that nobody has used off the list.") { key };
        command.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            await client.RemoveKeyAsync(parsed.GetValue(key)!, cancel);
            Console.Out.WriteLine("The key is no longer listed.");
            return ExitCode.Ok;
        }));
        return command;
    }

    private static void Print(ParseResult parsed, IReadOnlyList<ListedKeySummary> keys) => Printer.List(
        OutputOptions.Of(parsed), keys, ApiJson.Default.IReadOnlyListListedKeySummary, k => k.Key, "No key is listed. List some with: edgefleet enrol add-keys FILE",
        new("KEY", k => k.Key), new("NAME", k => k.Name), new("SITE", k => k.Site), new("TAGS", k => string.Join(" ", k.Tags ?? [])), new("LISTED BY", k => k.AddedBy), new("USED BY", k => k.UsedBy));
}
