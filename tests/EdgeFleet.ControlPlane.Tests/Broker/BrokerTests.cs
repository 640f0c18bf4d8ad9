using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>A real MQTT client over real TLS against the embedded broker.</summary>
public sealed class BrokerTests : IAsyncLifetime
{
    private RunningControlPlane _plane = null!;
    private TestDevice _leaf = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync(settings: new JsonObject { ["Broker"] = new JsonObject { ["ConnectSecondsMax"] = 1 } });
        _leaf = await _plane.EnrolAsync("leaf-1");
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    [Theory]
    [InlineData(MqttProtocolVersion.V500)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task What_a_device_says_on_its_own_topic_reaches_the_uplink(MqttProtocolVersion version)
    {
        using var client = await ConnectAsync(_leaf, version: version);

        var result = await PublishAsync(client, Own(TopicKind.Telemetry, "minutes"), [1, 2, 3]);

        Assert.True(result.IsSuccess);
        var received = await _plane.Uplink.NextAsync();
        Assert.Equal((_leaf.Id, TopicKind.Telemetry, "minutes"), (received.Device, received.Topic.Kind, received.Topic.Detail));
        Assert.Equal([1, 2, 3], received.Payload);
    }

    [Fact]
    public async Task Without_a_certificate_there_is_no_connection() =>
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(null, clientId: "leaf-1"));

    [Fact]
    public async Task A_certificate_of_another_CA_gives_no_connection()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=leaf-1", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(PinnedCa.ClientPurpose)], false));
        using var foreign = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));

        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(null, certificate: foreign, clientId: "leaf-1"));
    }

    [Fact]
    public async Task The_servers_own_certificate_is_no_devices_certificate()
    {
        using var server = X509Certificate2.CreateFromPemFile(Path.Combine(_plane.DataFolder, "ca", "server.pem"));

        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(null, certificate: server, clientId: "localhost"));
    }

    [Theory]
    [InlineData("leaf-2", null)]
    [InlineData("leaf-1", "leaf-2")]
    public async Task Another_name_than_the_certificates_is_refused(string clientId, string? user)
    {
        var result = await TryConnectAsync(_leaf, clientId: clientId, user: user);

        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, result.ResultCode);
        Assert.Contains("leaf-1", result.ReasonString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_was_shut_out_is_cut_and_cannot_come_back()
    {
        using var client = await ConnectAsync(_leaf);
        var ended = EndOf(client);
        await _plane.WithDbAsync(db => db.Set<Device>().Where(d => d.Id == _leaf.Id).ExecuteUpdateAsync(d => d.SetProperty(x => x.Revoked, 1L)));

        await _plane.Services.GetRequiredService<IDeviceConnections>().DisconnectAsync(_leaf.Id);

        Assert.Equal(MqttClientDisconnectReason.NotAuthorized, (await ended).Reason);
        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, (await TryConnectAsync(_leaf)).ResultCode);
    }

    [Fact]
    public async Task A_certificate_of_our_CA_whose_device_is_not_known_is_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var stranger = DeviceId.Parse("stranger");
        using var issued = _plane.Services.GetRequiredService<DeviceCertificates>()
            .Issue(stranger, new System.Security.Cryptography.X509Certificates.PublicKey(key));
        using var certificate = issued.CopyWithPrivateKey(key);

        var result = await TryConnectAsync(null, certificate: certificate, clientId: "stranger");

        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, result.ResultCode);
        Assert.Contains("not enrolled", result.ReasonString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_keep_alive_out_of_bounds_is_refused()
    {
        var result = await TryConnectAsync(_leaf, keepAlive: TimeSpan.FromHours(2));

        Assert.Equal(MqttClientConnectResultCode.ImplementationSpecificError, result.ResultCode);
    }

    [Theory]
    [InlineData("ef/1/d/leaf-2/up/hello", MqttClientPublishReasonCode.NotAuthorized)]
    [InlineData("ef/1/d/leaf-1/down/desired", MqttClientPublishReasonCode.NotAuthorized)]
    [InlineData("ef/1/d/leaf-1/up/nothing", MqttClientPublishReasonCode.TopicNameInvalid)]
    [InlineData("$SYS/broker", MqttClientPublishReasonCode.TopicNameInvalid)]
    public async Task A_topic_that_is_not_the_devices_own_is_refused_and_not_handed_up(string topic, MqttClientPublishReasonCode code)
    {
        using var client = await ConnectAsync(_leaf);

        var result = await PublishAsync(client, topic, [1]);

        Assert.Equal(code, result.ReasonCode);
        Assert.True(_plane.Uplink.IsEmpty);
    }

    [Fact]
    public async Task On_3_1_1_where_no_reason_can_be_given_a_refused_message_ends_the_connection()
    {
        using var client = await ConnectAsync(_leaf, version: MqttProtocolVersion.V311);
        var ended = EndOf(client);

        await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(client, "ef/1/d/leaf-2/up/hello", [1]));

        await ended;
        Assert.True(_plane.Uplink.IsEmpty);
    }

    [Fact]
    public async Task A_message_over_its_cap_is_refused_with_a_reason()
    {
        using var client = await ConnectAsync(_leaf);

        var blob = await PublishAsync(client, Own(TopicKind.Blob, new string('a', 64)), new byte[WireCodec.BlobBytesMax + 1]);
        var batch = await PublishAsync(client, Own(TopicKind.Telemetry, "minutes"), new byte[WireCodec.UpBytesMax + 1]);
        var retained = await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(Own(TopicKind.Hello)).WithRetainFlag()
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

        Assert.Equal(MqttClientPublishReasonCode.PayloadFormatInvalid, blob.ReasonCode);
        Assert.Contains($"{WireCodec.BlobBytesMax}", blob.ReasonString, StringComparison.Ordinal);
        Assert.Equal(MqttClientPublishReasonCode.PayloadFormatInvalid, batch.ReasonCode);
        Assert.Equal(MqttClientPublishReasonCode.ImplementationSpecificError, retained.ReasonCode);
        Assert.True((await PublishAsync(client, Own(TopicKind.Telemetry, "minutes"), new byte[WireCodec.UpBytesMax])).IsSuccess);
    }

    [Fact]
    public async Task A_packet_over_the_largest_ends_the_connection_before_it_is_gathered()
    {
        using var client = await ConnectAsync(_leaf);
        var ended = EndOf(client);

        await Assert.ThrowsAnyAsync<Exception>(() => PublishAsync(client, Own(TopicKind.Hello), new byte[1024 * 1024]));

        await ended;
        Assert.True(_plane.Uplink.IsEmpty);
    }

    [Theory]
    [InlineData("ef/1/d/leaf-2/down/#")]
    [InlineData("ef/1/d/+/up/#")]
    [InlineData("#")]
    [InlineData("$share/x/ef/1/d/leaf-1/down/#")]
    public async Task A_subscription_to_anything_but_the_own_way_down_is_refused(string filter)
    {
        using var client = await ConnectAsync(_leaf);

        var result = await SubscribeAsync(client, filter);

        Assert.Contains(result.Items.Single().ResultCode, new[] { MqttClientSubscribeResultCode.NotAuthorized, MqttClientSubscribeResultCode.SharedSubscriptionsNotSupported });
    }

    [Fact]
    public async Task What_goes_down_reaches_its_device_and_says_whether_it_could()
    {
        var downlink = _plane.Services.GetRequiredService<IDownlink>();
        var ack = new Ack { Epoch = "e", Streams = new() { ["minutes"] = 7 } };
        Assert.False(await downlink.SendAckAsync(_leaf.Id, ack, default));
        var pump = await _plane.EnrolAsync("pump-1");
        using var client = await ConnectAsync(_leaf);
        using var other = await ConnectAsync(pump);
        var (mine, theirs) = (FirstOf(client), FirstOf(other));
        await SubscribeAsync(client, Topic.AllDown(_leaf.Id));
        await SubscribeAsync(other, Topic.AllDown(pump.Id));

        Assert.True(await downlink.SendAckAsync(_leaf.Id, ack, default));

        var message = await mine.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("ef/1/d/leaf-1/down/ack", message.Topic);
        Assert.Equal(7, WireCodec.Decode(System.Buffers.BuffersExtensions.ToArray(message.Payload), WireJson.Default.Ack, WireCodec.DownBytesMax).Streams["minutes"]);
        Assert.False(theirs.IsCompleted);
    }

    [Fact]
    public async Task The_last_will_is_handed_up_when_the_connection_breaks()
    {
        var will = WireCodec.Encode(new Presence { State = "lost", Session = 5 }, WireJson.Default.Presence);
        var client = await ConnectAsync(_leaf, will: (Own(TopicKind.Presence), will));
        await PublishAsync(client, Own(TopicKind.Hello), HelloOf(5));
        await _plane.Uplink.NextAsync();

        client.Dispose();

        Assert.Equal(will, (await _plane.Uplink.NextAsync()).Payload);
    }

    [Fact]
    public async Task A_last_will_elsewhere_than_on_the_own_state_is_not_handed_up_and_the_device_is_said_to_be_lost()
    {
        var client = await ConnectAsync(_leaf, will: (Own(TopicKind.Hello), [1]));
        await PublishAsync(client, Own(TopicKind.Hello), HelloOf(9));
        await _plane.Uplink.NextAsync();

        client.Dispose();

        AssertLost(await _plane.Uplink.NextAsync(), session: 9);
    }

    [Fact]
    public async Task A_device_that_goes_without_a_word_is_said_to_be_lost()
    {
        using var client = await ConnectAsync(_leaf);
        await PublishAsync(client, Own(TopicKind.Hello), HelloOf(3));
        await _plane.Uplink.NextAsync();

        await client.DisconnectAsync();

        AssertLost(await _plane.Uplink.NextAsync(), session: 3);
    }

    [Fact]
    public async Task A_device_that_says_goodbye_is_not_said_to_be_lost()
    {
        using var client = await ConnectAsync(_leaf);
        await PublishAsync(client, Own(TopicKind.Hello), HelloOf(3));
        await PublishAsync(client, Own(TopicKind.Presence), WireCodec.Encode(new Presence { State = "off", Session = 3 }, WireJson.Default.Presence));
        await client.DisconnectAsync();
        using var again = await ConnectAsync(_leaf);
        await PublishAsync(again, Own(TopicKind.Hello), HelloOf(4));

        Assert.Equal(TopicKind.Hello, (await _plane.Uplink.NextAsync()).Topic.Kind);
        Assert.Equal(TopicKind.Presence, (await _plane.Uplink.NextAsync()).Topic.Kind);
        Assert.Equal(TopicKind.Hello, (await _plane.Uplink.NextAsync()).Topic.Kind);
    }

    [Fact]
    public async Task A_second_connection_takes_over_and_goes_on_hearing()
    {
        using var first = await ConnectAsync(_leaf);
        using var second = await ConnectAsync(_leaf);
        var heard = FirstOf(second);
        await SubscribeAsync(second, Topic.AllDown(_leaf.Id));

        Assert.True(await _plane.Services.GetRequiredService<IDownlink>().SendAckAsync(_leaf.Id, new Ack { Epoch = "e", Streams = [] }, default));

        await heard.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_ended()
    {
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", _plane.Ports.MqttPort);
        await using var tls = new SslStream(tcp.GetStream(), false, PinnedCa.Validate(_plane.Authority.Pin));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [_leaf.Certificate] });

        var read = await tls.ReadAsync(new byte[1]).AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(0, read);
    }

    private static byte[] HelloOf(long session) =>
        WireCodec.Encode(new Hello { Epoch = "e", Boot = "b", Session = session, Agent = "1.0.0" }, WireJson.Default.Hello);

    private static void AssertLost(CollectingUplink.Received received, long session)
    {
        Assert.Equal(TopicKind.Presence, received.Topic.Kind);
        var presence = WireCodec.Decode(received.Payload, WireJson.Default.Presence, WireCodec.UpBytesMax);
        Assert.Equal(("lost", session), (presence.State, presence.Session));
    }

    private string Own(TopicKind kind, string? detail = null) => Topic.Format(new TopicAddress(_leaf.Id, kind, detail));

    private async Task<IMqttClient> ConnectAsync(
        TestDevice? device, X509Certificate2? certificate = null, string? clientId = null,
        MqttProtocolVersion version = MqttProtocolVersion.V500, (string Topic, byte[] Payload)? will = null)
    {
        var (client, result) = await ConnectCoreAsync(device, certificate, clientId, null, null, version, will);
        Assert.Equal(MqttClientConnectResultCode.Success, result.ResultCode);
        return client;
    }

    private async Task<MqttClientConnectResult> TryConnectAsync(
        TestDevice? device, X509Certificate2? certificate = null, string? clientId = null, string? user = null, TimeSpan? keepAlive = null)
    {
        var (client, result) = await ConnectCoreAsync(device, certificate, clientId, user, keepAlive, MqttProtocolVersion.V500, null);
        client.Dispose();
        return result;
    }

    private async Task<(IMqttClient Client, MqttClientConnectResult Result)> ConnectCoreAsync(
        TestDevice? device, X509Certificate2? certificate, string? clientId, string? user, TimeSpan? keepAlive,
        MqttProtocolVersion version, (string Topic, byte[] Payload)? will)
    {
        certificate ??= device?.Certificate;
        var validate = PinnedCa.Validate(_plane.Authority.Certificate);
        var options = new MqttClientOptionsBuilder().WithTcpServer("localhost", _plane.Ports.MqttPort)
            .WithTlsOptions(tls => tls.UseTls().WithClientCertificates(certificate is null ? [] : [certificate])
                .WithCertificateValidationHandler(e => validate(this, e.Certificate, e.Chain, e.SslPolicyErrors)))
            .WithClientId(clientId ?? device!.Id.Value).WithProtocolVersion(version).WithTimeout(TimeSpan.FromSeconds(20))
            .WithKeepAlivePeriod(keepAlive ?? TimeSpan.FromSeconds(60)).WithCleanStart();
        if (user is not null)
            options.WithCredentials(user, "");
        if (will is { } w)
            options.WithWillTopic(w.Topic).WithWillPayload(w.Payload).WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
        var client = new MqttClientFactory().CreateMqttClient();
        return (client, await client.ConnectAsync(options.Build()));
    }

    private static Task<MqttClientPublishResult> PublishAsync(IMqttClient client, string topic, byte[] payload) =>
        client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

    private static Task<MqttClientSubscribeResult> SubscribeAsync(IMqttClient client, string filter) =>
        client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce).Build());

    private static Task<MqttApplicationMessage> FirstOf(IMqttClient client)
    {
        var first = new TaskCompletionSource<MqttApplicationMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.ApplicationMessageReceivedAsync += e =>
        {
            first.TrySetResult(e.ApplicationMessage);
            return Task.CompletedTask;
        };
        return first.Task;
    }

    private static Task<MqttClientDisconnectedEventArgs> EndOf(IMqttClient client)
    {
        var end = new TaskCompletionSource<MqttClientDisconnectedEventArgs>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.DisconnectedAsync += e =>
        {
            end.TrySetResult(e);
            return Task.CompletedTask;
        };
        return end.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
