using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Tests.Devices;

public sealed class CloneDetectorTests
{
    private long _said;

    [Fact]
    public void A_board_that_restarts_and_reconnects_for_months_is_one_board() =>
        Assert.Null(Run([.. Enumerable.Range(1, 200).Select(i => ("e1", $"boot-{i / 7}", (long)i))]));

    [Fact]
    public void A_board_whose_store_was_lost_begins_its_numbers_again_and_is_one_board() =>
        Assert.Null(Run(("e1", "b1", 90), ("e2", "b1", 1), ("e2", "b2", 2), ("e3", "b3", 1)));

    [Fact]
    public void A_disk_that_was_restored_once_goes_back_once_and_is_one_board() =>
        Assert.Null(Run(("e1", "b1", 90), ("e1", "b2", 91), ("e1", "b3", 40), ("e1", "b3", 41), ("e1", "b4", 42)));

    [Fact]
    public void A_start_that_comes_back_after_another_is_two_boards() =>
        Assert.Contains("start b1", Run(("e1", "b1", 5), ("e1", "b2", 6), ("e1", "b1", 7)), StringComparison.Ordinal);

    [Fact]
    public void A_store_that_comes_back_after_another_is_two_boards() =>
        Assert.Contains("store e1", Run(("e1", "", 5), ("e2", "", 1), ("e1", "", 6)), StringComparison.Ordinal);

    [Fact]
    public void Numbers_that_go_back_again_and_again_are_of_two_boards()
    {
        Assert.Null(Run(("e1", "b1", 50), ("e1", "b1", 11)));
        Assert.Contains("went back 2 times", Run(("e1", "b1", 50), ("e1", "b1", 11), ("e1", "b1", 51), ("e1", "b1", 12)), StringComparison.Ordinal);
        Assert.Contains("went back 2 times", Run(("e1", "b1", 5), ("e1", "b1", 5), ("e1", "b1", 6), ("e1", "b1", 6)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_board_that_was_thrown_out_by_another_client_says_so_and_is_believed() =>
        Assert.Contains("threw it out", CloneDetector.Note([], Hello("e1", "b1", 5, 1) with { TakenOver = 4 }).Evidence, StringComparison.Ordinal);

    [Fact]
    public void What_a_board_says_of_the_time_before_the_doubt_was_cleared_up_counts_no_more()
    {
        var settled = CloneDetector.Settle(session: 20);
        Assert.Null(CloneDetector.Note(settled, Hello("e1", "b1", 21, 1) with { TakenOver = 20 }).Evidence);
        Assert.NotNull(CloneDetector.Note(settled, Hello("e1", "b1", 23, 1) with { TakenOver = 22 }).Evidence);
    }

    [Fact]
    public void A_message_that_is_delivered_twice_says_nothing()
    {
        var hello = Hello("e1", "b1", 5, 1);
        var (seen, _) = CloneDetector.Note([], hello);
        for (var i = 0; i < 5; i++)
        {
            (seen, var evidence) = CloneDetector.Note(seen, hello);
            Assert.Null(evidence);
        }

        Assert.Single(seen);
    }

    [Fact]
    public void Only_so_many_are_remembered()
    {
        IReadOnlyList<HelloSeen> seen = [];
        for (var i = 0; i < 50; i++)
            (seen, _) = CloneDetector.Note(seen, Hello("e1", $"b{i}", i, i));
        Assert.Equal(CloneDetector.Remembered, seen.Count);
    }

    private string? Run(params (string Epoch, string Boot, long Session)[] hellos)
    {
        IReadOnlyList<HelloSeen> seen = [];
        string? found = null;
        foreach (var (epoch, boot, session) in hellos)
        {
            (seen, var evidence) = CloneDetector.Note(seen, Hello(epoch, boot, session, ++_said));
            found ??= evidence;
        }

        return found;
    }

    private static Hello Hello(string epoch, string boot, long session, long at) => new() { Epoch = epoch, Boot = boot, Session = session, Agent = "1", At = at };
}
