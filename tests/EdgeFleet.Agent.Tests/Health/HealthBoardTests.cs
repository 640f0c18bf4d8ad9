using EdgeFleet.Agent.Health;
using EdgeFleet.Shared.Identity;
using Microsoft.Extensions.Time.Testing;

namespace EdgeFleet.Agent.Tests.Health;

public sealed class HealthBoardTests
{
    [Fact]
    public void A_warning_keeps_the_time_it_began_takes_the_newer_text_and_tells_only_when_it_comes_or_goes()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch + TimeSpan.FromSeconds(1));
        var board = new HealthBoard(time);
        var told = 0;
        board.Changed += () => told++;
        var slot = SlotName.Parse("leaf");

        board.Raise("source-stalled", slot, "The folder is empty.", "Look.");
        time.Advance(TimeSpan.FromSeconds(5));
        board.Raise("source-stalled", slot, "The folder is gone.", "Mount it.");
        board.Raise("disk-full", null, "No space.", "Free some.");

        Assert.Equal([("source-stalled", 1000, "The folder is gone."), ("disk-full", 6000, "No space.")], board.Warnings.Select(w => (w.Code, w.Since, w.Text)));
        Assert.Equal(2, told);
        board.Clear("source-stalled", slot);
        board.Clear("source-stalled", slot);
        Assert.Equal(("disk-full", 3), (Assert.Single(board.Warnings).Code, told));
    }
}
