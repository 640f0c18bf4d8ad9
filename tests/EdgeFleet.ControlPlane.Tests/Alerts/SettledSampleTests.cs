using EdgeFleet.Cli.Samples;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Tests.Alerts;

public sealed class SettledSampleTests
{
    private long _id;

    [Theory]
    [InlineData("ana right", "rust", "")]
    [InlineData("ana wrong miner", "miner", "")]
    [InlineData("ana wrong", null, "wrong, and nobody said what it is")]
    [InlineData("ana unsure", null, "nobody is sure")]
    [InlineData("ana unsure; ben right", "rust", "")]
    [InlineData("ana right; ben right", "rust", "")]
    [InlineData("ana right; ben wrong", null, "people differ: ana rust, ben not rust")]
    [InlineData("ana right; ben wrong miner", null, "people differ: ana rust, ben miner")]
    [InlineData("ana wrong; ben wrong miner", "miner", "")]
    [InlineData("ana wrong miner; ben wrong phoma; eva unsure", null, "people differ: ana miner, ben phoma, eva not sure")]
    [InlineData("ana right; ana wrong miner", "miner", "")]
    public void What_people_said_comes_down_to_a_label_only_where_nobody_speaks_against_it(string said, string? label, string why)
    {
        var settled = Assert.Single(SettledSample.Of(said.Split("; ").Select(s => Verdict(s.Split(' ')))));

        Assert.Equal(label, settled.Label);
        Assert.Equal(why, settled.Why);
    }

    [Fact]
    public void Each_photo_stands_for_itself_and_verdicts_without_one_do_not_count()
    {
        var settled = SettledSample.Of([Verdict(["ana", "right"]), Verdict(["ana", "right"]) with { Photo = new string('b', 64) }, Verdict(["ben", "right"]) with { Photo = null }]);

        Assert.Equal(2, settled.Count);
    }

    private JudgedSample Verdict(string[] words) => new(
        ++_id, DateTimeOffset.UnixEpoch, words[0], words[1], words.Length > 2 ? words[2] : null, 1, "leaf-1", "north", "leaf", "coffee@1.0.0", "rust", 0.8, DateTimeOffset.UnixEpoch, new string('a', 64));
}
