using EdgeFleet.ControlPlane.Tests.Access;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Tests.Alerts;

public sealed class AlertGroupingTests(PlaneFixture fixture) : IClassFixture<PlaneFixture>
{
    [Fact]
    public async Task Raises_of_one_rule_are_one_alert_until_a_person_finishes_it()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        await scene.SendAsync(AlertScene.Event(true, at: 1000));
        await scene.SendAsync(AlertScene.Event(false, at: 2000), AlertScene.Event(true, at: 3000));
        var alert = Assert.Single(await scene.AlertsAsync());
        Assert.Equal((2, 1000L, 3000L, true, "open", "alanib"),
            (alert.Times, alert.First.ToUnixTimeMilliseconds(), alert.Last.ToUnixTimeMilliseconds(), alert.Raised, alert.State, alert.Site));

        await scene.ActAsync(alert.Id, "resolve");
        await scene.SendAsync(AlertScene.Event(true, at: 4000));
        Assert.Equal(["open", "resolved"], (await scene.AlertsAsync()).Select(a => a.State));
    }

    [Fact]
    public async Task Two_raises_in_one_batch_are_one_alert()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        await scene.SendAsync(AlertScene.Event(true), AlertScene.Event(false), AlertScene.Event(true));
        Assert.Equal(2, Assert.Single(await scene.AlertsAsync()).Times);
    }

    [Fact]
    public async Task Other_rules_and_other_devices_are_other_alerts()
    {
        var (one, other) = (await AlertScene.OfNewDeviceAsync(fixture.Plane), await AlertScene.OfNewDeviceAsync(fixture.Plane));
        await one.SendAsync(AlertScene.Event(true, rule: "rust"), AlertScene.Event(true, rule: "miner"));
        await other.SendAsync(AlertScene.Event(true, rule: "rust"));
        Assert.Equal(2, (await one.AlertsAsync()).Count);
        Assert.Single(await other.AlertsAsync());
    }

    [Fact]
    public async Task An_event_that_is_sent_again_counts_once()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        await scene.SendAsync(AlertScene.Event(true));
        await scene.SendAgainAsync(1, AlertScene.Event(true));
        await scene.SendAgainAsync(1, AlertScene.Event(true), AlertScene.Event(true));
        Assert.Equal(2, Assert.Single(await scene.AlertsAsync()).Times);
    }

    [Fact]
    public async Task Boxes_stay_with_their_photo_and_those_out_of_bounds_are_left_out()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var raised = AlertScene.Event(true, photo: Sha256Digest.Of("photo"u8));
        AlertBox good = new("rust", 0.9, 0.1, 0.2, 0.3, 0.4);
        await scene.SendAsync(raised with { Alert = raised.Alert! with { Boxes = [good, good with { Right = 7 }], Score = 0.25 } });
        await scene.SendAsync(AlertScene.Event(false));
        await scene.SendAsync(AlertScene.Event(true));

        var alert = Assert.Single(await scene.AlertsAsync());
        Assert.Equal(good, Assert.Single(alert.Boxes!));
        Assert.Null(alert.Score);

        await scene.SendAsync(AlertScene.Event(true, photo: Sha256Digest.Of("another"u8)));
        Assert.Null(Assert.Single(await scene.AlertsAsync()).Boxes);
    }

    [Fact]
    public async Task A_clear_keeps_the_photo_and_leaves_the_alert_to_a_person()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var photo = Sha256Digest.Of("photo"u8);
        await scene.SendAsync(AlertScene.Event(true, photo: photo));
        await scene.SendAsync(AlertScene.Event(false));
        var alert = Assert.Single(await scene.AlertsAsync());
        Assert.Equal((photo.Value, false, "open"), (alert.Photo, alert.Raised, alert.State));
    }

    [Fact]
    public async Task A_clear_of_what_a_person_has_finished_makes_no_alert()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var alert = await scene.OneAlertAsync();
        await scene.ActAsync(alert.Id, "resolve");
        await scene.SendAsync(AlertScene.Event(false));
        Assert.Equal("resolved", Assert.Single(await scene.AlertsAsync()).State);
    }

    [Fact]
    public async Task Who_asks_since_a_revision_gets_each_change_once_and_in_order()
    {
        var scene = await AlertScene.OfNewDeviceAsync(fixture.Plane);
        var start = (await scene.Queries.SinceAsync(0, default)).Revision;
        var alert = await scene.OneAlertAsync();
        var first = await scene.Queries.SinceAsync(start, default);
        Assert.Equal(alert.Id, Assert.Single(first.Alerts, a => a.Device == scene.Device.Value).Id);

        Assert.Empty((await scene.Queries.SinceAsync(first.Revision, default)).Alerts);
        await scene.ActAsync(alert.Id, "acknowledge");
        var second = await scene.Queries.SinceAsync(first.Revision, default);
        Assert.True(second.Revision > first.Revision);
        Assert.Equal("acknowledged", Assert.Single(second.Alerts).State);
    }
}
