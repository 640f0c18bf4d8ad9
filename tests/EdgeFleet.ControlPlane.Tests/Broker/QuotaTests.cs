using System.Text.Json.Nodes;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Topics;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using MQTTnet;
using MQTTnet.Formatter;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>One device cannot take what is there for all.</summary>
public sealed class QuotaTests : IAsyncLifetime
{
    private RunningControlPlane _plane = null!;
    private TestDevice _leaf = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync(settings: new JsonObject
        {
            ["Broker"] = new JsonObject { ["PublishBurst"] = 5, ["PublishesPerSecond"] = 1, ["PublishKbBurst"] = 100, ["PublishKbPerSecond"] = 1, ["ConnectBurst"] = 2, ["ConnectsPerMinute"] = 1 },
        });
        _leaf = await _plane.EnrolAsync("leaf-1");
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    [Fact]
    public async Task Over_its_rate_a_message_is_refused_with_its_reason_and_the_connection_stands()
    {
        var (client, _) = await BrokerClient.ConnectAsync(_plane, _leaf);
        var results = new List<MqttClientPublishResult>();
        for (var i = 0; i < 30; i++)
            results.Add(await client.PublishAsync(_leaf, TopicKind.Telemetry, [1], "minutes"));

        Assert.All(results.Take(5), r => Assert.True(r.IsSuccess));
        var refused = results.First(r => !r.IsSuccess);
        Assert.Equal(MqttClientPublishReasonCode.QuotaExceeded, refused.ReasonCode);
        Assert.Contains("1 messages", refused.ReasonString, StringComparison.Ordinal);
        Assert.True(client.IsConnected);
        client.Dispose();
    }

    [Fact]
    public async Task The_bytes_of_a_device_have_a_rate_too()
    {
        var (client, _) = await BrokerClient.ConnectAsync(_plane, _leaf);

        var first = await client.PublishAsync(_leaf, TopicKind.Telemetry, new byte[90 * 1024], "minutes");
        var second = await client.PublishAsync(_leaf, TopicKind.Telemetry, new byte[90 * 1024], "minutes");

        Assert.Equal((MqttClientPublishReasonCode.Success, MqttClientPublishReasonCode.QuotaExceeded), (first.ReasonCode, second.ReasonCode));
        client.Dispose();
    }

    [Theory]
    [InlineData(MqttProtocolVersion.V500, MqttClientConnectResultCode.QuotaExceeded)]
    [InlineData(MqttProtocolVersion.V311, MqttClientConnectResultCode.ServerUnavailable)]
    public async Task A_device_that_comes_and_goes_is_told_to_wait_and_another_one_is_not(MqttProtocolVersion version, MqttClientConnectResultCode code)
    {
        var codes = new List<MqttClientConnectResultCode>();
        for (var i = 0; i < 3; i++)
        {
            var (client, result) = await BrokerClient.ConnectAsync(_plane, _leaf, version: version);
            codes.Add(result.ResultCode);
            client.Dispose();
        }

        var (other, let) = await BrokerClient.ConnectAsync(_plane, await _plane.EnrolAsync("leaf-2"));

        Assert.Equal([MqttClientConnectResultCode.Success, MqttClientConnectResultCode.Success, code], codes);
        Assert.Equal(MqttClientConnectResultCode.Success, let.ResultCode);
        other.Dispose();
    }

    [Fact]
    public async Task A_topic_alias_that_was_never_given_ends_the_connection()
    {
        var (client, result) = await BrokerClient.ConnectAsync(_plane, _leaf);
        var ended = BrokerClient.EndOf(client);
        Assert.Equal(0, result.TopicAliasMaximum);

        await Assert.ThrowsAnyAsync<Exception>(() => client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic($"ef/1/d/{_leaf.Id}/up/log").WithTopicAlias(7)
            .WithQualityOfServiceLevel(MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce).Build()));

        Assert.Equal(MqttClientDisconnectReason.TopicAliasInvalid, (await ended).Reason);
        Assert.True(_plane.Uplink.IsEmpty);
    }

    [Fact]
    public async Task Packets_whose_answers_are_kept_wait_for_their_turn_and_too_many_are_refused()
    {
        var time = new FakeTimeProvider();
        var quotas = new DeviceQuotas(Options.Create(new BrokerOptions { PublishBurst = 1, PublishesPerSecond = 1 }), time);
        var device = DeviceId.Parse("leaf-1");
        Assert.True(await quotas.PaceAsync(device, default));

        var waiting = Enumerable.Range(0, 30).Select(_ => quotas.PaceAsync(device, default).AsTask()).ToList();
        Assert.False(await quotas.PaceAsync(device, default));
        Assert.All(waiting, w => Assert.False(w.IsCompleted));
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.All(await Task.WhenAll(waiting), Assert.True);
    }
}
