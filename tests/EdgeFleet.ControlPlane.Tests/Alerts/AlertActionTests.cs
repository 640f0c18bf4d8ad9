using EdgeFleet.ControlPlane.Alerts;
using EdgeFleet.ControlPlane.Tests.Access;

namespace EdgeFleet.ControlPlane.Tests.Alerts;

public sealed class AlertActionTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    [Fact]
    public async Task A_repeated_key_is_taken_once()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var alert = await scene.OneAlertAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => scene.ActAsync(alert.Id, "acknowledge", key: $"tap-{alert.Id}")));
        Assert.All(answers, a => Assert.IsType<AlertActed.Done>(a));
        Assert.Single(Assert.Single(await scene.AlertsAsync()).Actions);
    }

    [Fact]
    public async Task A_key_that_was_used_for_something_else_is_refused()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var alert = await scene.OneAlertAsync();
        await scene.ActAsync(alert.Id, "acknowledge", key: $"k-{alert.Id}");
        Assert.IsType<AlertActed.Refused>(await scene.ActAsync(alert.Id, "resolve", key: $"k-{alert.Id}"));
        Assert.IsType<AlertActed.Refused>(await scene.ActAsync(alert.Id, "acknowledge", who: "ben", key: $"k-{alert.Id}"));
        Assert.Equal("acknowledged", Assert.Single(await scene.AlertsAsync()).State);
    }

    [Fact]
    public async Task Of_two_who_finish_at_once_one_does_and_the_other_is_told_who()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var alert = await scene.OneAlertAsync();
        var answers = await Task.WhenAll(scene.ActAsync(alert.Id, "resolve", "ana"), scene.ActAsync(alert.Id, "resolve", "ben"));
        Assert.Single(answers.OfType<AlertActed.Done>());
        var conflict = Assert.Single(answers.OfType<AlertActed.Conflict>());
        var first = Assert.Single(conflict.Alert.Actions);
        Assert.StartsWith($"{first.Who} did this first,", conflict.Sentence, StringComparison.Ordinal);
        Assert.EndsWith("Yours was not done.", conflict.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seeing_and_judging_what_another_has_is_no_conflict()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var alert = await scene.OneAlertAsync();
        foreach (var who in new[] { "ana", "ben" })
        {
            Assert.IsType<AlertActed.Done>(await scene.ActAsync(alert.Id, "acknowledge", who));
            Assert.IsType<AlertActed.Done>(await scene.ActAsync(alert.Id, "verdict", who, value: "wrong"));
        }

        Assert.Equal(4, Assert.Single(await scene.AlertsAsync()).Actions.Count);
    }

    [Theory]
    [InlineData("snooze", null, "'snooze' is no action.")]
    [InlineData("verdict", "maybe", "'maybe' is no verdict.")]
    [InlineData("verdict", null, "'' is no verdict.")]
    [InlineData("acknowledge", "right", "'acknowledge' takes no value.")]
    public async Task What_is_not_understood_says_what_may_be_sent(string kind, string? value, string says)
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var alert = await scene.OneAlertAsync();
        var refused = Assert.IsType<AlertActed.Refused>(await scene.ActAsync(alert.Id, kind, value: value));
        Assert.StartsWith(says, refused.Reason, StringComparison.Ordinal);
        Assert.IsType<AlertActed.NotFound>(await scene.ActAsync(999_999, "acknowledge"));
    }

    [Fact]
    public async Task How_sure_is_said_only_once_thirty_were_judged()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var alert = await scene.OneAlertAsync("judged_only_here");
        for (var i = 0; i < AnswerQuality.VerdictsMin; i++)
        {
            Assert.Null(Assert.Single(await scene.AlertsAsync()).RightOf100);
            await scene.ActAsync(alert.Id, "verdict", value: i % 3 == 0 ? "wrong" : "right");
        }

        Assert.Equal(66, Assert.Single(await scene.AlertsAsync()).RightOf100);
    }
}
