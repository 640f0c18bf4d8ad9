using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing.Packages;
using static EdgeFleet.SimulatedBoards.Boards;

namespace EdgeFleet.SimulatedBoards;

/// <summary>One way through the table of transitions: a disk to begin with, and wishes, each made once the slot is in a state or at rest.</summary>
/// <param name="Name">Name.</param>
/// <param name="Prepare">Makes the disk and what the board meets.</param>
/// <param name="Wishes">Wishes in order, with the state in which each is made; the first at once, and a null at rest.</param>
/// <param name="Ends">Name of the state in which it ends when nothing disturbs it.</param>
/// <param name="Serves">What serves then.</param>
internal sealed record Story(string Name, Action<UpdateBoard> Prepare, IReadOnlyList<(Wish Wish, string? In)> Wishes, string Ends, PackageRef Serves)
{
    /// <summary>All of them; together they meet every state.</summary>
    public static IReadOnlyList<Story> All { get; } =
    [
        new("good", b => Runs(b, V1), [(Of(V2), null)], "Committed", V2.Ref),
        new("first", b => Serve(b), [(Of(V1), null)], "Committed", V1.Ref),
        new("faulty", b => Runs(b, V1), [(Of(Faulty), null)], "RolledBack", V1.Ref),
        new("refused", b => RefusesAtRehearsal(b), [(Of(V2), null)], "Rejected", V1.Ref),
        new("back", b => Runs(b, V2, V1), [(Of(V1), null)], "Committed", V1.Ref),
        new("recalled", b => Runs(b, V1), [(Of(V2), null), (Of(V1, rollout: 6), "Probation")], "Committed", V1.Ref),
        new("superseded", b => Runs(b, V1), [(Of(V2), null), (Of(V3, rollout: 6), "Verifying")], "Committed", V3.Ref),
        new("confirmed", b => Runs(b, V1), [(Of(V1, rollout: 9), null)], "Committed", V1.Ref),
        new("again", b => Quarantined(b), [(Of(V2), null), (Of(V2, attempt: 2), null)], "Committed", V2.Ref),
        new("lost", b => HasLostItsModel(b), [(Of(V1), null)], "Committed", V1.Ref),
        new("delta", b => HasDelta(b, Delta), [(Of(Large2), null)], "Committed", Large2.Ref),
        new("bad delta", b => HasDelta(b, [.. Delta[..^20], .. new byte[20]]), [(Of(Large2), null)], "Committed", Large2.Ref),
        new("signed", b => IsSigned(b), [(Of(V2), null)], "Committed", V2.Ref),
        new("stuck", b => CannotGoBack(b), [(Of(Faulty), null), (Of(V3, rollout: 8), null)], "Committed", V3.Ref),
    ];

    public override string ToString() => Name;

    private static Wish Of(TestPackage package, int attempt = 1, long rollout = 5) => new(package.Ref, attempt, rollout);

    private static void Serve(UpdateBoard board)
    {
        foreach (var package in Verified.Append(Faulty))
            board.Source.Serve(package);
        board.InstallNeighbour();
    }

    private static void Runs(UpdateBoard board, TestPackage active, TestPackage? previous = null)
    {
        Serve(board);
        board.Install(Record(new Committed(new Wish(active.Ref, 1, 1), null), active, previous), previous is null ? [active] : [active, previous]);
    }

    private static void RefusesAtRehearsal(UpdateBoard board)
    {
        Runs(board, V1);
        board.Rehearsal = UpdateBoard.Says("""{"passed":false,"summary":"It collapsed.","failure":"Deterministic"}""", 1);
    }

    private static void Quarantined(UpdateBoard board)
    {
        Serve(board);
        board.Install(Record(new Committed(new Wish(V1.Ref, 1, 1), null), V1) with { Quarantine = [new Quarantined(V2.Ref.Digest, 1, "It was slow.", FailureKind.Statistical)] }, V1);
    }

    private static void HasLostItsModel(UpdateBoard board)
    {
        Runs(board, V1, V0);
        File.Delete(board.PathOf(V1));
    }

    private static void HasDelta(UpdateBoard board, byte[] delta)
    {
        Runs(board, Large1);
        board.Source.Serve(LargeFiles.From, LargeFiles.To, delta);
    }

    private static void IsSigned(UpdateBoard board)
    {
        Runs(board, V1);
        board.Source.Serve(Signed);
    }

    // Found on probation at start, with the model before it gone from disk.
    private static void CannotGoBack(UpdateBoard board)
    {
        Serve(board);
        board.Install(Record(new Probation(Of(Faulty), 0, new ProbationWatch(), null), V1), V1, Faulty);
        File.Delete(board.PathOf(V1));
    }

    private static SlotRecord Record(UpdateState state, TestPackage active, TestPackage? previous = null) =>
        new() { Slot = Leaf, State = state, Serving = new Serving(active.Ref, previous?.Ref) };
}
