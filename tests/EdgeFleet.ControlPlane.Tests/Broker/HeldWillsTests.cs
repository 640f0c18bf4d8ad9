using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>A last will waits for its delay, and a device that is back by then was never away.</summary>
public sealed class HeldWillsTests
{
    private static readonly TopicAddress Address = new(DeviceId.Parse("leaf-1"), TopicKind.Presence);
    private static readonly TimeSpan Delay = TimeSpan.FromSeconds(120);
    private readonly FakeTimeProvider _time = new();
    private readonly CollectingUplink _uplink = new();
    private readonly HeldWills _wills;

    public HeldWillsTests() => _wills = new HeldWills(_uplink, _time);

    [Fact]
    public async Task It_is_said_after_its_delay_and_once()
    {
        _wills.Hold(Address, [1], Delay);
        _time.Advance(Delay - TimeSpan.FromMilliseconds(1));
        Assert.True(_uplink.IsEmpty);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await _wills.SayAllAsync();

        Assert.Equal([1], (await _uplink.NextAsync()).Payload);
        Assert.True(_uplink.IsEmpty);
    }

    [Fact]
    public void It_is_not_said_of_a_device_that_is_back()
    {
        _wills.Hold(Address, [1], Delay);

        _wills.Forget(Address.Device);
        _time.Advance(Delay);

        Assert.True(_uplink.IsEmpty);
    }

    [Fact]
    public async Task A_newer_one_takes_its_place_and_the_end_of_the_broker_says_it_at_once()
    {
        _wills.Hold(Address, [1], Delay);
        _wills.Hold(Address, [2], Delay);

        await _wills.SayAllAsync();
        _time.Advance(Delay);

        Assert.Equal([2], (await _uplink.NextAsync()).Payload);
        Assert.True(_uplink.IsEmpty);
    }

    [Fact]
    public async Task Over_a_real_connection_a_device_that_is_back_in_time_is_not_said_to_be_lost()
    {
        await using var plane = await RunningControlPlane.StartAsync();
        var leaf = await plane.EnrolAsync("leaf-1");
        var will = WireCodec.Encode(new Presence { State = "lost", Session = 5 }, WireJson.Default.Presence);
        void WithWill(MqttClientOptionsBuilder o) => o.WithWillTopic(Topic.Format(new TopicAddress(leaf.Id, TopicKind.Presence))).WithWillPayload(will).WithWillDelayInterval(200);
        var (client, _) = await BrokerClient.ConnectAsync(plane, leaf, WithWill);
        await client.PublishAsync(leaf, TopicKind.Hello, WireCodec.Encode(new Hello { Epoch = "e", Boot = "b", Session = 5, Agent = "1.0.0" }, WireJson.Default.Hello));
        Assert.Equal(TopicKind.Hello, (await plane.Uplink.NextAsync()).Topic.Kind);

        client.Dispose();
        var (again, _) = await BrokerClient.ConnectAsync(plane, leaf, WithWill);
        await again.PublishAsync(leaf, TopicKind.Log, [7]);

        Assert.Equal(TopicKind.Log, (await plane.Uplink.NextAsync()).Topic.Kind);
        Assert.True(plane.Uplink.IsEmpty);
        again.Dispose();
    }
}
