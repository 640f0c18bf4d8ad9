using System.CommandLine;
using System.Text.Json;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Audit;

/// <summary><c>edgefleet audit list|head|verify</c>: who did what, and whether anybody changed that afterwards.</summary>
internal static class AuditCommand
{
    public static Command Create() => new("audit", "Who did what, and whether anybody changed that afterwards.") { List(), Head(), Verify() };

    private static Command List()
    {
        var who = new Option<string?>("--who") { Description = "Only what this account did." };
        var what = new Option<string?>("--what") { Description = "Only deeds that begin so, for example rollout or device.wipe." };
        var most = new Option<int>("--most") { Description = "The last so many.", DefaultValueFactory = _ => 100 };
        var list = new Command("list", "List the last entries, the newest last.") { who, what, most };
        list.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            if (parsed.GetValue(most) < 1)
                throw new UsageException($"--most is {parsed.GetValue(most)}; it is 1 or more.");
            // Without a filter the end of the log is all that is needed.
            var from = parsed.GetValue(who) is null && parsed.GetValue(what) is null ? (await client.AuditHeadAsync(cancel)).Head.Entries - parsed.GetValue(most) : 0;
            var rows = new Queue<AuditRecord>();
            await foreach (var entry in EntriesAsync(client, Math.Max(0, from), cancel))
            {
                if ((parsed.GetValue(who) is { } w && entry.Who != w) || (parsed.GetValue(what) is { } deed && !entry.What.StartsWith(deed, StringComparison.Ordinal)))
                    continue;
                rows.Enqueue(entry);
                if (rows.Count > parsed.GetValue(most))
                    rows.Dequeue();
            }

            Printer.List(OutputOptions.Of(parsed), [.. rows], ApiJson.Default.IReadOnlyListAuditRecord, e => $"{e.Id}", "There is no such entry.",
                new("ID", e => $"{e.Id}"), new("AT", e => Printer.Time(DateTimeOffset.FromUnixTimeMilliseconds(e.At))), new("WHO", e => e.Who), new("WHAT", e => e.What),
                new("TARGET", e => e.Target), new("DETAIL", e => e.Detail));
            return ExitCode.Ok;
        }));
        return list;
    }

    private static Command Head()
    {
        var head = new Command("head", "Print where the log ends now, signed, as JSON. Keep it where the control plane's operators cannot write.");
        head.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(await client.AuditHeadAsync(cancel), ApiJson.Default.SignedAuditHead));
            return ExitCode.Ok;
        }));
        return head;
    }

    private static Command Verify()
    {
        var kept = new Option<FileInfo?>("--head") { Description = "A head that was kept: the output of 'edgefleet audit head', or a line of the control plane's log with AuditHead in it." };
        var verify = new Command("verify", "Read the whole log and follow its chain on this machine, up to a head that was kept.") { kept };
        verify.SetAction((parsed, cancel) => ConnectionOptions.RunAsync(parsed, async client =>
        {
            var head = parsed.GetValue(kept) is { } file ? Read(file) : null;
            var (chain, atHead) = (new AuditChain(), head is { Entries: 0 } ? AuditChain.Start : null);
            await foreach (var entry in EntriesAsync(client, 0, cancel))
            {
                if (chain.Follow(entry) is { } fault)
                    return Broken(fault);
                if (entry.Id == head?.Entries)
                    atHead = entry.Hash;
            }

            if (head is not null && atHead is null)
                return Broken($"It has {chain.Entries} entries; on {Printer.Time(head.At)} it had {head.Entries}. Entries were cut off.");
            if (head is not null && atHead != head.Hash)
                return Broken($"Entry {head.Entries} has the hash {atHead}; on {Printer.Time(head.At)} it had {head.Hash}. The log was written anew.");

            Console.Out.WriteLine($"Whole: {chain.Entries} entries{(head is null ? "" : $", with those up to {head.Entries} as they were on {Printer.Time(head.At)}")}.");
            return ExitCode.Ok;
        }));
        return verify;
    }

    private static int Broken(string fault)
    {
        Printer.Error($"The audit log is not whole. {fault}");
        return ExitCode.Failed;
    }

    private static AuditHead Read(FileInfo file)
    {
        var text = File.Exists(file.FullName) ? File.ReadAllText(file.FullName) : throw new UsageException($"There is no file {file.FullName}.");
        // The last head of a log, or the file itself.
        var line = text.Split('\n').LastOrDefault(l => l.Contains("\"envelope\"", StringComparison.Ordinal)) ?? "";
        try
        {
            var signed = JsonSerializer.Deserialize(line[Math.Max(0, line.IndexOf("{\"head\"", StringComparison.Ordinal))..], ApiJson.Default.SignedAuditHead);
            var error = "It is empty.";
            return signed?.Open(out error) ?? throw new UsageException($"The head in {file.FullName} counts for nothing. {error}");
        }
        catch (JsonException)
        {
            throw new UsageException($"{file.FullName} holds no head of an audit log. One comes from: edgefleet audit head");
        }
    }

    private static async IAsyncEnumerable<AuditRecord> EntriesAsync(FleetClient client, long after, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        for (; await client.AuditAsync(after, cancel) is { Count: > 0 } page; after = page[^1].Id)
        {
            foreach (var entry in page)
                yield return entry;
        }
    }
}
