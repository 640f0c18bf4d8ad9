using System.Buffers;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.Shared.Identity;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// Runs the broker: asks <see cref="BrokerPolicy"/> about everything that a device does and hands what it publishes to the uplink.
/// Nothing that a device publishes is routed to another one.
/// </summary>
internal sealed partial class BrokerWorker(
    MqttServer server, BrokerDoor door, UplinkGate uplink, ILogger<BrokerWorker> log) : IHostedLifecycleService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        server.ValidatingConnectionAsync += ValidateAsync;
        server.ClientConnectedAsync += uplink.ConnectedAsync;
        server.ClientDisconnectedAsync += uplink.DisconnectedAsync;
        server.InterceptingPublishAsync += PublishAsync;
        server.InterceptingSubscriptionAsync += SubscribeAsync;
        server.InterceptingOutboundPacketAsync += SayBoundsAsync;
        return server.StartAsync();
    }

    // Before the web server stops, which waits for its connections to end.
    public Task StoppingAsync(CancellationToken cancellationToken) => server.StopAsync(new MqttServerStopOptions
    {
        DefaultClientDisconnectOptions = new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.ServerShuttingDown },
    });

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task ValidateAsync(ValidatingConnectionEventArgs connect)
    {
        var certified = DeviceCertificates.DeviceOf(connect.ClientCertificate);
        var refusal = await door.JudgeAsync(connect, certified);
        if (refusal is null)
            return;

        connect.ReasonCode = refusal.Kind == RefusalKind.NotAllowed ? MqttConnectReasonCode.NotAuthorized : MqttConnectReasonCode.ImplementationSpecificError;
        connect.ReasonString = refusal.Reason;
        Log.ConnectRefused(log, certified?.Value ?? "?", connect.ClientId, refusal.Reason);
    }

    private async Task PublishAsync(InterceptingPublishEventArgs publish)
    {
        publish.ProcessPublish = false;
        var (device, message) = (DeviceId.Parse(publish.ClientId), publish.ApplicationMessage);

        // The library says the last will with a token that cannot be cancelled, and nothing else so.
        var isWill = !publish.CancellationToken.CanBeCanceled;
        var refusal = BrokerPolicy.Publish(device, message.Topic, message.Payload.Length, message.Retain, isWill, out var address);
        if (refusal is null)
        {
            await uplink.ReceiveAsync(address, message.Payload.IsSingleSegment ? message.Payload.First : message.Payload.ToArray(), publish.CancellationToken);
            return;
        }

        publish.Response.ReasonCode = CodeOf(refusal.Kind);
        publish.Response.ReasonString = refusal.Reason;
        publish.CloseConnection = uplink.IsWithoutReasonCodes(device);
        Log.PublishRefused(log, device, message.Topic, refusal.Reason);
    }

    private Task SubscribeAsync(InterceptingSubscriptionEventArgs subscribe)
    {
        var device = DeviceId.Parse(subscribe.ClientId);
        if (BrokerPolicy.Subscribe(device, subscribe.TopicFilter.Topic) is { } refusal)
        {
            subscribe.ProcessSubscription = false;
            subscribe.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
            subscribe.ReasonString = refusal.Reason;
            Log.SubscribeRefused(log, device, subscribe.TopicFilter.Topic, refusal.Reason);
        }

        return Task.CompletedTask;
    }

    private static Task SayBoundsAsync(InterceptingPacketEventArgs outbound)
    {
        if (outbound.Packet is MqttConnAckPacket answer)
        {
            answer.MaximumPacketSize = FrameGuard.PacketBytesMax;
            answer.TopicAliasMaximum = 0;
            answer.SessionExpiryInterval = 0;
            answer.SharedSubscriptionAvailable = false;
        }

        return Task.CompletedTask;
    }

    private static MqttPubAckReasonCode CodeOf(RefusalKind kind) => kind switch
    {
        RefusalKind.NotAllowed => MqttPubAckReasonCode.NotAuthorized,
        RefusalKind.BadTopic => MqttPubAckReasonCode.TopicNameInvalid,
        RefusalKind.TooLarge => MqttPubAckReasonCode.PayloadFormatInvalid,
        _ => MqttPubAckReasonCode.ImplementationSpecificError,
    };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "ConnectRefused: certificate of {Certified}, client id {ClientId}: {Reason}")]
        public static partial void ConnectRefused(ILogger logger, string certified, string clientId, string reason);

        [LoggerMessage(LogLevel.Warning, "PublishRefused: {Device} on {Topic}: {Reason}")]
        public static partial void PublishRefused(ILogger logger, DeviceId device, string topic, string reason);

        [LoggerMessage(LogLevel.Warning, "SubscribeRefused: {Device} to {Filter}: {Reason}")]
        public static partial void SubscribeRefused(ILogger logger, DeviceId device, string filter, string reason);
    }
}
