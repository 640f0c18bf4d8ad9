using System.Text.Json.Serialization.Metadata;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using EdgeFleet.Shared.Trust;
using MQTTnet;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>The way down over the embedded broker: straight into the device's own session, so that ten thousand devices cost no more each than one.</summary>
internal sealed partial class MqttDownlink(MqttServer server, DeviceConnections connections, TimeProvider time, ILogger<MqttDownlink> log) : IDownlink, IDeviceConnections
{
    // Header, two lengths, packet id and the length of no properties.
    private const int FramingBytesMax = 5 + 2 + 2 + 1;

    public Task<bool> SendDesiredAsync(DeviceId device, Envelope document, CancellationToken cancel) =>
        SendAsync(new TopicAddress(device, TopicKind.Desired), document, WireJson.Default.Envelope);

    public Task<bool> SendAckAsync(DeviceId device, Ack ack, CancellationToken cancel) =>
        SendAsync(new TopicAddress(device, TopicKind.Ack), ack with { At = time.GetUtcNow().ToUnixTimeMilliseconds() }, WireJson.Default.Ack);

    public Task<bool> SendCommandAsync(DeviceId device, string id, Envelope command, CancellationToken cancel) =>
        SendAsync(new TopicAddress(device, TopicKind.Command, id), command, WireJson.Default.Envelope);

    public IReadOnlyCollection<DeviceId> Connected => connections.Devices;

    public bool IsConnected(DeviceId device) => connections.Find(device) is not null;

    public async Task DisconnectAsync(DeviceId device)
    {
        if (!IsConnected(device))
            return;

        try
        {
            await server.DisconnectClientAsync(device.Value, new MqttServerClientDisconnectOptions
            {
                ReasonCode = MqttDisconnectReasonCode.NotAuthorized,
                ReasonString = "The device was shut out.",
            });
            Log.Cut(log, device);
        }
        catch (InvalidOperationException)
        {
            // It went by itself in between.
        }
    }

    private async Task<bool> SendAsync<T>(TopicAddress address, T message, JsonTypeInfo<T> type)
    {
        if (connections.Find(address.Device) is not { } connection)
            return false;

        // The first agents, which are reached by this alone, read no more than that.
        var payload = WireCodec.Encode(message, type, isContinued: false);
        if (payload.Length > WireCodec.DownBytesMax)
            throw new ArgumentException($"The {address.Kind} for {address.Device} has {payload.Length} bytes; at most {WireCodec.DownBytesMax} may go down.", nameof(message));

        var topic = Topic.Format(address);
        if (payload.Length + topic.Length + FramingBytesMax > connection.Bounds.PacketBytesMax)
        {
            Log.TooLarge(log, address.Device, address.Kind, payload.Length, connection.Bounds.PacketBytesMax);
            return false;
        }

        var publish = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload)
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        try
        {
            var session = await server.GetSessionAsync(address.Device.Value);
            return session.TryEnqueueApplicationMessage(publish, out _);
        }
        catch (InvalidOperationException)
        {
            // The session ended since; the device is told again after its next hello.
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "NotSent: {Kind} of {Bytes} bytes to {Device}, which takes packets of at most {BytesMax}")]
        public static partial void TooLarge(ILogger logger, DeviceId device, TopicKind kind, int bytes, long bytesMax);

        [LoggerMessage(LogLevel.Information, "DeviceCut: {Device} was disconnected because it is shut out")]
        public static partial void Cut(ILogger logger, DeviceId device);
    }
}
