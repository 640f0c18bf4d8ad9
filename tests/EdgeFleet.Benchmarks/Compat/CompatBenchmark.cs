using EdgeFleet.Benchmarks.Install;
using EdgeFleet.Shared.Api;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Wire;

namespace EdgeFleet.Benchmarks.Compat;

/// <summary>
/// This version beside every earlier tag: what the tag's programs wrote is read, what they kept is taken over, and the two sides of both versions work together.
/// <c>SEEDS=step-2</c> looks at that tag alone, <c>SEEDS=step-2=COMMIT</c> at a commit before it is tagged, <c>SEEDS=record</c> writes the wire corpus of a tag that has none.
/// </summary>
internal static class CompatBenchmark
{
    private const string Record = "record";

    // What stands in a corpus of one kind of message; photos are a few hundred bytes.
    private const int RecordsOfAKind = 4;

    public static async Task<bool> RunAsync(IReadOnlyList<string> words, CancellationToken cancel)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var seen = new List<Seen>();
        IReadOnlyList<Tag> tags;
        try
        {
            tags = await Tag.FindAsync(words, cancel);
        }
        catch (ShortException e)
        {
            Console.WriteLine($"  {e.Message}\ncompat: nothing was tried: short");
            return false;
        }

        try
        {
            foreach (var tag in tags)
            {
                Told.Step($"{tag.Name}, {tag.Commit[..8]}");
                await HoldAsync(seen, tag, isLast: tag == tags[^1], words.Contains(Record), cancel);
            }
        }
        catch (OperationCanceledException)
        {
            seen.Add(new Seen("", "all tags", "stopped", Holds: false, Counts: true));
        }

        foreach (var missing in WireCorpus.Tags.Except(tags.Select(t => t.Name)).Where(_ => words.All(w => w == Record)))
            seen.Add(new Seen(missing, "tag", "it has a wire corpus and is no tag of this repository: git fetch --tags", Holds: false, Counts: true));
        Console.WriteLine();
        foreach (var s in seen)
            Console.WriteLine($"{s.Tag,-8} {s.What,-40} {(s.Holds ? "ok" : s.Counts ? "SHORT" : "no"),-6} {s.Text}");
        var wrong = seen.Count(s => s is { Holds: false, Counts: true });
        Console.WriteLine($"compat: {tags.Count} earlier tags, {seen.Count(s => s.Holds)} of {seen.Count} hold, {wrong} that must do not, {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0} s: {(wrong == 0 ? "ok" : "short")}");
        return wrong == 0;
    }

    private static async Task HoldAsync(List<Seen> seen, Tag tag, bool isLast, bool record, CancellationToken cancel)
    {
        using var folder = new TempFolder();
        if (await TryAsync(seen, tag, "builds", () => Programs.OfAsync(tag, cancel), p => $"commit {tag.Commit[..8]}") is not { } programs)
            return;

        await using (var upgrade = new Upgrade(programs, folder["upgrade"], cancel))
        {
            if (await TryAsync(seen, tag, "both of the tag", upgrade.LiveAsync, r => $"{r.Count} messages and files recorded") is { } records)
            {
                if (record && !File.Exists(WireCorpus.FileOf(tag.Name)))
                    WireCorpus.Write(WireCorpus.FileOf(tag.Name), Few(records));
                await TryAsync(seen, tag, "what was said just now is read", () => Task.FromResult(ReadAll(records)), text => text);
                if (await TryAsync(seen, tag, "its data folder, today's control plane", upgrade.ControlPlaneAsync, text => text) is not null)
                    await TryAsync(seen, tag, "its state folder, today's agent", upgrade.AgentAsync, text => text);
            }
        }

        await TryAsync(seen, tag, "wire corpus is read", () => Task.FromResult(ReadAll(Corpus(tag))), text => text);
        await TryAsync(seen, tag, "its agent, today's control plane", () => SideBySide.TagsAgentAsync(programs, folder["old-agent"], cancel), text => text, counts: isLast);
        await TryAsync(seen, tag, "today's agent, its control plane", () => SideBySide.TodaysAgentAsync(programs, folder["old-control-plane"], cancel), text => text, counts: isLast);
    }

    private static async Task<T?> TryAsync<T>(List<Seen> seen, Tag tag, string what, Func<Task<T>> act, Func<T, string> tell, bool counts = true)
        where T : class
    {
        try
        {
            var result = await act();
            seen.Add(new Seen(tag.Name, what, tell(result), Holds: true, counts));
            Told.Saw($"{what}: {tell(result)}");
            return result;
        }
        catch (Exception e) when (e is ShortException or TimeoutException or InvalidOperationException or FleetApiException)
        {
            seen.Add(new Seen(tag.Name, what, e.Message.Split('\n')[0], Holds: false, counts));
            Told.Saw($"{what}: {e.Message}");
            return null;
        }
    }

    private static IReadOnlyList<WireRecord> Corpus(Tag tag) => File.Exists(WireCorpus.FileOf(tag.Name))
        ? WireCorpus.Of(tag.Name)
        : throw new ShortException("there is none. Make it: make bench NAME=compat SEEDS=record");

    private static string ReadAll(IReadOnlyList<WireRecord> records)
    {
        var reader = WireReader.For(records);
        foreach (var record in records)
        {
            try
            {
                reader.Read(record);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                throw new ShortException($"{WireReader.KindOf(record)}: {e.Message}");
            }
        }

        var kinds = records.Select(WireReader.KindOf).Distinct().ToList();
        return WireReader.KindsOfAll.Except(kinds).ToList() is [var missing, ..]
            ? throw new ShortException($"there is no {missing} among the {records.Count}")
            : $"{records.Count} of {kinds.Count} kinds, {records.Sum(r => r.Bytes.Length)} bytes";
    }

    // The first ones of a kind, and the last: what changed in between is seldom more than a number.
    private static IEnumerable<WireRecord> Few(IReadOnlyList<WireRecord> records) => records.GroupBy(WireReader.KindOf)
        .SelectMany(kind => kind.Count() <= RecordsOfAKind ? kind : kind.Take(RecordsOfAKind - 1).Append(kind.Last()));

    private sealed record Seen(string Tag, string What, string Text, bool Holds, bool Counts);
}
