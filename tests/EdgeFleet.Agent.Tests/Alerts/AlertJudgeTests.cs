using EdgeFleet.Agent.Alerts;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Tests.Alerts;

public sealed class AlertJudgeTests
{
    private static readonly AlertRule ThreeOfFive = new() { Id = "rust", Label = "rust", Seen = 3, Of = 5, ClearAfter = 4, ConfidenceClear = 0.4 };

    [Theory]
    [InlineData("xx", "..")]
    [InlineData("xxx", "..R")]
    [InlineData("x.x.x", "....R")]
    [InlineData("x..x..x..x", "..........")]
    [InlineData("xxxxx", "..R..")]
    [InlineData("xxx....", "..R...C")]
    [InlineData("xxx...x....", "..R.......C")]
    [InlineData("xxx....xx", "..R...C..")]
    [InlineData("xxx....xxx", "..R...C..R")]
    public void K_of_n_raise_and_m_without_clear(string shown, string steps)
    {
        var judge = new AlertJudge(ThreeOfFive);

        var seen = string.Concat(shown.Select(c => judge.Observe(c == 'x', 0.9f, 0.5) switch { AlertStep.Raised => 'R', AlertStep.Cleared => 'C', _ => '.' }));

        Assert.Equal(steps, seen);
    }

    [Fact]
    public void Below_the_threshold_nothing_counts_until_it_is_raised_then_the_lower_one_holds_it()
    {
        var judge = new AlertJudge(ThreeOfFive);
        for (var i = 0; i < 20; i++)
            Assert.Equal(AlertStep.None, judge.Observe(true, 0.45f, 0.5));
        for (var i = 0; i < 3; i++)
            judge.Observe(true, 0.6f, 0.5);
        Assert.True(judge.IsRaised);

        for (var i = 0; i < 20; i++)
            Assert.Equal(AlertStep.None, judge.Observe(true, 0.45f, 0.5));

        Assert.Equal([AlertStep.None, AlertStep.None, AlertStep.None, AlertStep.Cleared], Enumerable.Range(0, 4).Select(_ => judge.Observe(true, 0.39f, 0.5)));
    }

    [Fact]
    public void The_facts_are_those_of_the_last_n()
    {
        var judge = new AlertJudge(ThreeOfFive);
        judge.Observe(true, 0.6f, 0.5);
        judge.Observe(false, 0.9f, 0.5);
        judge.Observe(true, 0.7f, 0.5);
        judge.Observe(true, 0.8f, 0.5);

        Assert.Equal((3, 4), (judge.Seen, judge.Of));
        Assert.Equal(0.7, judge.Confidence, 6);
    }

    [Fact]
    public void An_alert_open_from_before_is_cleared_and_not_raised_again()
    {
        var judge = new AlertJudge(ThreeOfFive, isRaised: true);

        Assert.Equal([AlertStep.None, AlertStep.None, AlertStep.None, AlertStep.None], Enumerable.Range(0, 4).Select(_ => judge.Observe(true, 0.9f, 0.5)));
        Assert.Equal([AlertStep.None, AlertStep.None, AlertStep.None, AlertStep.Cleared], Enumerable.Range(0, 4).Select(_ => judge.Observe(false, 0.9f, 0.5)));
    }
}
