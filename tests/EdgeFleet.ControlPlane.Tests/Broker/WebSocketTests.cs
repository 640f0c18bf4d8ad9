using System.Net;
using System.Net.WebSockets;
using EdgeFleet.ControlPlane.Broker;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;
using Microsoft.Extensions.DependencyInjection;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>MQTT over WebSocket on the devices' port: the same broker behind the same door.</summary>
public sealed class WebSocketTests : IAsyncLifetime
{
    private RunningControlPlane _plane = null!;
    private TestDevice _leaf = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await RunningControlPlane.StartAsync();
        _leaf = await _plane.EnrolAsync("leaf-1");
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    [Theory]
    [InlineData(MqttProtocolVersion.V500)]
    [InlineData(MqttProtocolVersion.V311)]
    public async Task A_device_speaks_and_hears_as_on_the_brokers_own_port(MqttProtocolVersion version)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        var heard = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.ApplicationMessageReceivedAsync += e =>
        {
            heard.TrySetResult(e.ApplicationMessage.Topic);
            return Task.CompletedTask;
        };
        var connected = await client.ConnectAsync(Options(_leaf.Id.Value, version));
        await client.SubscribeAsync(Topic.AllDown(_leaf.Id), MqttQualityOfServiceLevel.AtLeastOnce);

        var result = await client.PublishAsync(_leaf, TopicKind.Telemetry, new byte[100_000], "minutes");
        Assert.True(await _plane.Services.GetRequiredService<IDownlink>().SendAckAsync(_leaf.Id, new Ack { Epoch = "e", Streams = [] }, default));

        Assert.Equal((MqttClientConnectResultCode.Success, true), (connected.ResultCode, result.IsSuccess));
        Assert.Equal(100_000, (await _plane.Uplink.NextAsync()).Payload.Length);
        Assert.Equal("ef/1/d/leaf-1/down/ack", await heard.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Another_name_than_the_certificates_is_refused()
    {
        using var client = new MqttClientFactory().CreateMqttClient();

        Assert.Equal(MqttClientConnectResultCode.NotAuthorized, (await client.ConnectAsync(Options("leaf-2", MqttProtocolVersion.V500))).ResultCode);
    }

    [Fact]
    public async Task A_CONNECT_over_its_cap_ends_the_socket()
    {
        using var socket = Socket();
        await socket.ConnectAsync(Address(_plane.Ports.DeviceHttpsPort), CancellationToken.None);

        await socket.SendAsync(new byte[] { 0x10, 0x80, 0x80, 0x80, 0x04 }, WebSocketMessageType.Binary, true, CancellationToken.None);

        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(new byte[10], CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30))).MessageType);
    }

    [Fact]
    public async Task It_is_not_on_the_peoples_port()
    {
        using var socket = Socket();
        socket.Options.CollectHttpResponseDetails = true;

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(Address(_plane.Ports.HttpsPort), CancellationToken.None));

        Assert.Equal(HttpStatusCode.NotFound, socket.HttpStatusCode);
    }

    private static Uri Address(int port) => new($"wss://localhost:{port}{WebSocketBroker.Path}");

    private ClientWebSocket Socket()
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        socket.Options.ClientCertificates = [_leaf.Certificate];
        socket.Options.RemoteCertificateValidationCallback = PinnedCa.Validate(_plane.Authority.Pin);
        return socket;
    }

    private MqttClientOptions Options(string clientId, MqttProtocolVersion version)
    {
        var validate = PinnedCa.Validate(_plane.Authority.Certificate);
        return new MqttClientOptionsBuilder().WithWebSocketServer(w => w.WithUri(Address(_plane.Ports.DeviceHttpsPort).ToString()))
            .WithTlsOptions(tls => tls.UseTls().WithClientCertificates([_leaf.Certificate]).WithCertificateValidationHandler(e => validate(tls, e.Certificate, e.Chain, e.SslPolicyErrors)))
            .WithClientId(clientId).WithProtocolVersion(version).WithTimeout(TimeSpan.FromSeconds(20)).WithKeepAlivePeriod(TimeSpan.FromSeconds(60)).WithCleanStart().Build();
    }
}
