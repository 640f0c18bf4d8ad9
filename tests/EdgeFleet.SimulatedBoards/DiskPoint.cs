using System.Text.RegularExpressions;

namespace EdgeFleet.SimulatedBoards;

/// <summary>A call to the disk by what it is about, so that it is found again in another run: the slot's state, the file, the call, and its number among the like.</summary>
internal readonly partial record struct DiskPoint(string State, string File, DiskCallKind Kind, int Nth)
{
    public override string ToString() => $"{State}: {Kind} of {File}{(Nth > 1 ? $", {Nth}." : "")}";

    /// <summary>Lets something decide at each point of a process that starts next.</summary>
    public static void Watch(UpdateBoard board, Func<DiskPoint, DiskFault> decide)
    {
        var counts = new Dictionary<DiskPoint, int>();
        board.Disk.Faults = call =>
        {
            var kind = new DiskPoint(board.StateName, NameOf(call.Path), call.Kind, 0);
            lock (counts)
                counts[kind] = counts.GetValueOrDefault(kind) + 1;
            return decide(kind with { Nth = counts[kind] });
        };
    }

    private static string NameOf(string path)
    {
        var name = Unique().Replace(Path.GetFileName(path), "");
        var folder = Path.GetFileName(Path.GetDirectoryName(path));
        return Digest().Replace(name, "DIGEST") is var file && file != name ? $"{folder}/{file}" : name;
    }

    [GeneratedRegex(@"\.[0-9a-f]{32}(\.tmp)?$|-\d{10,}$")]
    private static partial Regex Unique();

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Digest();
}
