using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Connectivity;

/// <summary>What gives way when the outbox is full. The least valuable goes first: profiles, minute rows, photos, and events last.</summary>
internal static class OutboxPolicy
{
    /// <summary>Photos are counted apart from the events that they belong to.</summary>
    public const string Photos = "photo";

    /// <summary>What is held, from the first to give way to the last.</summary>
    public static readonly IReadOnlyList<string> Order = [RecordStream.Profile, RecordStream.Minute, Photos, RecordStream.Event];

    /// <summary>Most that a stream may hold, in bytes.</summary>
    public static long BytesMax(string stream, long total) => stream switch
    {
        RecordStream.Profile => total / 4,
        RecordStream.Minute => total / 2,
        _ => total,
    };

    /// <summary>Bytes to free by stream before what comes in fits; empty when it fits as it is.</summary>
    /// <param name="held">Bytes held by stream.</param>
    /// <param name="incoming">Bytes coming in by stream.</param>
    /// <param name="total">Bytes that may be held in all.</param>
    public static IReadOnlyList<(string Stream, long Bytes)> Plan(
        IReadOnlyDictionary<string, long> held, IReadOnlyDictionary<string, long> incoming, long total)
    {
        var free = new List<(string, long)>();
        long after = 0;
        foreach (var stream in Order)
        {
            var would = held.GetValueOrDefault(stream) + incoming.GetValueOrDefault(stream);
            var over = Math.Min(held.GetValueOrDefault(stream), Excess(would, BytesMax(stream, total)));
            if (over > 0)
                free.Add((stream, over));
            after += would - over;
        }

        var excess = Excess(after, total);
        for (var i = 0; i < Order.Count && excess > 0; i++)
        {
            var stream = Order[i];
            var already = free.Where(f => f.Item1 == stream).Sum(f => f.Item2);
            var more = Math.Min(excess, held.GetValueOrDefault(stream) - already);
            if (more <= 0)
                continue;
            free.RemoveAll(f => f.Item1 == stream);
            free.Add((stream, already + more));
            excess -= more;
        }

        return free;
    }

    // A twentieth more than needed goes, so that a full outbox is not thinned again at every record.
    private static long Excess(long would, long max) => would > max ? would - max + max / 20 : 0;
}
