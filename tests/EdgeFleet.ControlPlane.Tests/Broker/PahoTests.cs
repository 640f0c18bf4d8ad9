using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>
/// What the MQTT 5 suite of eclipse/paho.mqtt.testing (interoperability/client_test5.py) asks of a broker, as far as it is about this one: each test here carries
/// the name of the upstream one. Where this broker answers otherwise on purpose, the test holds what it does, and Broker/README.md says why.
/// </summary>
public sealed class PahoTests : IAsyncLifetime
{
    private const int ConnAck = 2;
    private const int Published = 3;
    private const int PubAck = 4;
    private const int SubAck = 9;
    private const int UnsubAck = 11;
    private const int Disconnect = 14;
    private RunningControlPlane _plane = null!;
    private TestDevice _leaf = null!;

    private string Down => Topic.AllDown(_leaf.Id);

    private IDownlink Downlink => _plane.Services.GetRequiredService<IDownlink>();

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync();
        _leaf = await _plane.EnrolAsync("leaf-1");
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    [Fact]
    public async Task Test_basic_a_second_CONNECT_on_one_connection_ends_it()
    {
        var (mqtt, _) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1"));
        await using var _1 = mqtt;

        await mqtt.SendAsync(RawMqtt.Connect("leaf-1"));

        Assert.True(await mqtt.ReadAsync() is null or { Type: Disconnect });
    }

    [Theory]
    [InlineData("hj", 5)]
    [InlineData("MQTT", 9)]
    [InlineData("MQIsdp", 3)]
    public async Task Test_basic_a_wrong_protocol_name_or_version_is_no_way_in(string name, byte version)
    {
        await using var mqtt = await RawMqtt.OpenAsync(_plane, _leaf);

        await mqtt.SendAsync(RawMqtt.Connect("leaf-1", protocol: name, version: version));

        var answer = await mqtt.ReadAsync();
        Assert.True(answer is null || (answer.Type == ConnAck && answer.Body[1] != 0));
    }

    [Fact]
    public async Task Test_retained_message_a_presence_may_be_retained_and_nothing_is_kept_for_a_subscriber()
    {
        var (mqtt, _) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1"));
        await using var _1 = mqtt;

        await mqtt.SendAsync(RawMqtt.Publish("ef/1/d/leaf-1/state", "{\"state\":\"ready\",\"session\":1}"u8.ToArray(), first: 0x33));
        Assert.Equal((PubAck, 0), CodeOf(await mqtt.ReadAsync()));
        await mqtt.SendAsync(RawMqtt.Publish("ef/1/d/leaf-1/up/hello", [1], first: 0x33));
        Assert.Equal((PubAck, 0x83), CodeOf(await mqtt.ReadAsync()));
        await mqtt.SendAsync(RawMqtt.Subscribe(Down));
        Assert.Equal(SubAck, (await mqtt.ReadAsync())!.Type);
        await mqtt.SendAsync([0xC0, 0]);

        Assert.Equal(13, (await mqtt.ReadAsync())!.Type); // The ping's answer, and no message before it.
    }

    [Theory]
    [InlineData(0x02)]
    [InlineData(0x00)]
    public async Task Test_zero_length_clientid_and_test_assigned_clientid_an_id_is_the_certificates_and_never_given(byte flags)
    {
        await using var mqtt = await RawMqtt.OpenAsync(_plane, _leaf);

        await mqtt.SendAsync(RawMqtt.Connect("", flags));

        Assert.Equal((ConnAck, 0x85), CodeOf(await mqtt.ReadAsync(), at: 1));
    }

    [Fact]
    public async Task Test_offline_message_queueing_nothing_waits_for_a_device_that_is_away()
    {
        var connect = RawMqtt.Connect("leaf-1", flags: 0, properties: RawMqtt.Long(RawMqtt.SessionExpiry, 3600));
        var (first, _) = await RawMqtt.ConnectAsync(_plane, _leaf, connect);
        await first.SendAsync(RawMqtt.Subscribe(Down));
        Assert.Equal(SubAck, (await first.ReadAsync())!.Type);
        await first.SendAsync([0xE0, 0]);
        await first.DisposeAsync();
        var connections = _plane.Services.GetRequiredService<IDeviceConnections>();
        while (connections.IsConnected(_leaf.Id))
            await Task.Yield();

        Assert.False(await Downlink.SendAckAsync(_leaf.Id, AnAck, default));
        var (again, answer) = await RawMqtt.ConnectAsync(_plane, _leaf, connect);
        await using var _1 = again;

        Assert.Equal(0, answer[0]); // No session is present.
    }

    [Fact]
    public async Task Test_session_expiry_the_answer_promises_no_session_beyond_the_connection()
    {
        var (mqtt, answer) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1", properties: RawMqtt.Long(RawMqtt.SessionExpiry, 3600)));
        await using var _1 = mqtt;

        Assert.Contains(Convert.ToHexString(RawMqtt.Long(RawMqtt.SessionExpiry, 1)), Convert.ToHexString(answer[2..]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Test_keepalive_a_client_that_neither_speaks_nor_pings_is_cut_and_its_will_is_said()
    {
        byte[] will = [0, .. RawMqtt.Text("ef/1/d/leaf-1/state"), .. RawMqtt.Text("{\"state\":\"lost\",\"session\":1}")];
        var (mqtt, _) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1", flags: 0x0E, keepAlive: 1, afterId: will));
        await using var _1 = mqtt;

        Assert.Equal(TopicKind.Presence, (await _plane.Uplink.NextAsync()).Topic.Kind);
        Assert.True(await mqtt.ReadAsync() is null or { Type: Disconnect });
    }

    [Theory]
    [InlineData("test/nosubscribe", 0x87)]
    [InlineData("$SYS/#", 0x87)]
    [InlineData("#", 0x87)]
    [InlineData("$share/g/ef/1/d/leaf-1/down/#", 0x9E)]
    public async Task Test_subscribe_failure_test_dollar_topics_and_test_shared_subscriptions_are_told_by_their_code(string filter, int code)
    {
        var (mqtt, _) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1"));
        await using var _1 = mqtt;

        await mqtt.SendAsync(RawMqtt.Subscribe(filter));

        var answer = await mqtt.ReadAsync();
        Assert.Equal((SubAck, code), (answer!.Type, answer.Body[^1]));
    }

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x05)]
    [InlineData(0x09)]
    [InlineData(0x21)]
    public async Task Test_subscribe_options_and_test_unsubscribe_are_answered_for_the_one_filter_there_is(byte options)
    {
        var (mqtt, _) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1"));
        await using var _1 = mqtt;

        await mqtt.SendAsync(RawMqtt.Subscribe(Down, options));
        var subscribed = await mqtt.ReadAsync();
        await mqtt.SendAsync(RawMqtt.Unsubscribe(Down));
        var ended = await mqtt.ReadAsync();

        Assert.Equal((SubAck, 1), (subscribed!.Type, subscribed.Body[^1]));
        Assert.Equal((UnsubAck, 0), (ended!.Type, ended.Body[^1]));
    }

    [Fact]
    public async Task Test_user_properties_and_test_payload_format_a_message_with_properties_is_taken_like_one_without()
    {
        var (mqtt, _) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1"));
        await using var _1 = mqtt;
        byte[] properties = [0x01, 1, 0x03, .. RawMqtt.Text("My name"), 0x26, .. RawMqtt.Text("a"), .. RawMqtt.Text("2"), 0x26, .. RawMqtt.Text("c"), .. RawMqtt.Text("3")];

        await mqtt.SendAsync(RawMqtt.Publish("ef/1/d/leaf-1/up/log", [9], properties));

        Assert.Equal((PubAck, 0), CodeOf(await mqtt.ReadAsync()));
        Assert.Equal([9], (await _plane.Uplink.NextAsync()).Payload);
    }

    [Fact]
    public async Task Test_client_topic_alias_none_is_granted_and_one_that_comes_ends_the_connection()
    {
        var (mqtt, answer) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1"));
        await using var _1 = mqtt;
        Assert.DoesNotContain("220001", Convert.ToHexString(answer[2..]), StringComparison.Ordinal);

        await mqtt.SendAsync(RawMqtt.Publish("ef/1/d/leaf-1/up/log", [9], RawMqtt.Short(0x23, 1)));

        var said = await mqtt.ReadAsync();
        Assert.True(said is null || (said.Type == Disconnect && said.Body[0] == 0x94));
        Assert.True(_plane.Uplink.IsEmpty);
    }

    [Fact]
    public async Task Test_server_topic_alias_none_is_used_though_the_client_allows_it()
    {
        var (mqtt, _) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1", properties: RawMqtt.Short(RawMqtt.TopicAliasMaximum, 10)));
        await using var _1 = mqtt;
        await mqtt.SendAsync(RawMqtt.Subscribe(Down));
        await mqtt.ReadAsync();

        for (var i = 0; i < 2; i++)
        {
            Assert.True(await Downlink.SendAckAsync(_leaf.Id, AnAck, default));
            var message = await mqtt.ReadAsync();
            Assert.Equal(Published, message!.Type);
            Assert.Equal("ef/1/d/leaf-1/down/ack", System.Text.Encoding.ASCII.GetString(message.Body, 2, message.Body[1]));
        }
    }

    [Fact]
    public async Task Test_maximum_packet_size_what_is_larger_than_the_client_takes_is_not_sent()
    {
        var (mqtt, _) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1", properties: RawMqtt.Long(RawMqtt.MaximumPacketSize, 300)));
        await using var _1 = mqtt;
        await mqtt.SendAsync(RawMqtt.Subscribe(Down));
        await mqtt.ReadAsync();

        Assert.False(await Downlink.SendAckAsync(_leaf.Id, new Ack { Epoch = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(400)), Streams = [] }, default));
        Assert.True(await Downlink.SendAckAsync(_leaf.Id, AnAck, default));

        Assert.InRange((await mqtt.ReadAsync())!.Body.Length, 1, 300);
    }

    [Fact]
    public async Task Test_maximum_packet_size_what_is_larger_than_the_broker_takes_ends_the_connection_unread()
    {
        var (mqtt, answer) = await RawMqtt.ConnectAsync(_plane, _leaf, RawMqtt.Connect("leaf-1"));
        await using var _1 = mqtt;
        Assert.Contains(Convert.ToHexString(RawMqtt.Long(RawMqtt.MaximumPacketSize, FrameGuard.PacketBytesMax)), Convert.ToHexString(answer[2..]), StringComparison.Ordinal);

        await mqtt.SendAsync([0x32, 0xFF, 0xFF, 0xFF, 0x7F, 1, 2, 3]);

        Assert.True(await mqtt.ReadAsync() is null or { Type: Disconnect });
    }

    [Fact]
    public async Task Test_server_keep_alive_none_is_forced_one_out_of_bounds_is_refused()
    {
        await using var mqtt = await RawMqtt.OpenAsync(_plane, _leaf);

        await mqtt.SendAsync(RawMqtt.Connect("leaf-1", keepAlive: 60_000));

        Assert.Equal((ConnAck, 0x83), CodeOf(await mqtt.ReadAsync(), at: 1));
    }

    private static Ack AnAck => new() { Epoch = "e", Streams = [] };

    // Type and reason code; a PUBACK of two bytes is a success.
    private static (int Type, int Code) CodeOf(RawPacket? packet, int at = 2) => (packet!.Type, packet.Body.Length > at ? packet.Body[at] : 0);
}
