using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>A real MQTT client of a device, for tests of what the broker does with it.</summary>
internal static class BrokerClient
{
    /// <summary>Connects.</summary>
    public static async Task<(IMqttClient Client, MqttClientConnectResult Result)> ConnectAsync(
        RunningControlPlane plane, TestDevice device, Action<MqttClientOptionsBuilder>? more = null, MqttProtocolVersion version = MqttProtocolVersion.V500)
    {
        var validate = PinnedCa.Validate(plane.Authority.Certificate);
        var options = new MqttClientOptionsBuilder().WithTcpServer("localhost", plane.Ports.MqttPort)
            .WithTlsOptions(tls => tls.UseTls().WithClientCertificates([device.Certificate]).WithCertificateValidationHandler(e => validate(tls, e.Certificate, e.Chain, e.SslPolicyErrors)))
            .WithClientId(device.Id.Value).WithProtocolVersion(version).WithTimeout(TimeSpan.FromSeconds(20)).WithKeepAlivePeriod(TimeSpan.FromSeconds(60)).WithCleanStart();
        more?.Invoke(options);
        var client = new MqttClientFactory().CreateMqttClient();
        return (client, await client.ConnectAsync(options.Build()));
    }

    /// <summary>Publishes with QoS 1 on an own topic.</summary>
    public static Task<MqttClientPublishResult> PublishAsync(this IMqttClient client, TestDevice device, TopicKind kind, byte[] payload, string? detail = null) =>
        client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(Topic.Format(new TopicAddress(device.Id, kind, detail))).WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

    /// <summary>How the connection ends.</summary>
    public static Task<MqttClientDisconnectedEventArgs> EndOf(IMqttClient client)
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
