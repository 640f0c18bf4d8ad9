using System.Buffers;
using EdgeFleet.ControlPlane.Enrolment;
using EdgeFleet.Shared.Identity;
using MQTTnet.Formatter;
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
    private const uint SessionSecondsLeast = 1;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        server.ValidatingConnectionAsync += ValidateAsync;
        server.ClientConnectedAsync += uplink.ConnectedAsync;
        server.ClientDisconnectedAsync += uplink.DisconnectedAsync;
        server.InterceptingPublishAsync += PublishAsync;
        server.InterceptingSubscriptionAsync += SubscribeAsync;
        server.InterceptingInboundPacketAsync += PaceAsync;
        server.InterceptingOutboundPacketAsync += SayBoundsAsync;
        return server.StartAsync();
    }

    // Before the web server stops, which waits for its connections to end.
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await server.StopAsync(new MqttServerStopOptions
        {
            DefaultClientDisconnectOptions = new MqttServerClientDisconnectOptions { ReasonCode = MqttDisconnectReasonCode.ServerShuttingDown },
        });
        await uplink.SayWillsAsync();
    }

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

        connect.ReasonCode = refusal.Kind switch
        {
            RefusalKind.NotAllowed => MqttConnectReasonCode.NotAuthorized,
            // 3.1.1 knows no quota.
            RefusalKind.OverQuota => connect.ProtocolVersion < MqttProtocolVersion.V500 ? MqttConnectReasonCode.ServerUnavailable : MqttConnectReasonCode.QuotaExceeded,
            _ => MqttConnectReasonCode.ImplementationSpecificError,
        };
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
        if (refusal is null && isWill)
        {
            await uplink.ReceiveWillAsync(address, message.Payload.ToArray());
            return;
        }

        refusal ??= door.JudgeRate(device, message.Payload.Length);
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

    // Before the library looks at a packet: it would keep 65,535 topic aliases of any length, and answers for as long as nobody reads them.
    private async Task PaceAsync(InterceptingPacketEventArgs inbound)
    {
        var device = DeviceId.Parse(inbound.ClientId);
        var cut = inbound.Packet switch
        {
            MqttPublishPacket { TopicAlias: > 0 } => MqttDisconnectReasonCode.TopicAliasInvalid,
            MqttPublishPacket or MqttPubAckPacket or MqttDisconnectPacket => (MqttDisconnectReasonCode?)null,
            _ => await door.PaceAsync(device, inbound.CancellationToken) ? null : MqttDisconnectReasonCode.MessageRateTooHigh,
        };
        if (cut is not { } reason)
            return;

        inbound.ProcessPacket = false;
        Log.Cut(log, device, reason);
        await server.DisconnectClientAsync(device.Value, new MqttServerClientDisconnectOptions { ReasonCode = reason });
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

    private Task SayBoundsAsync(InterceptingPacketEventArgs outbound)
    {
        if (outbound.Packet is MqttConnAckPacket answer)
        {
            answer.MaximumPacketSize = FrameGuard.PacketBytesMax;
            answer.TopicAliasMaximum = 0;
            // A session ends with its connection. The library writes no 0, and nothing said would mean what was asked for: so the least that can be said.
            answer.SessionExpiryInterval = uplink.AsksForSession(DeviceId.Parse(outbound.ClientId)) ? SessionSecondsLeast : 0;
            answer.SharedSubscriptionAvailable = false;
        }

        return Task.CompletedTask;
    }

    private static MqttPubAckReasonCode CodeOf(RefusalKind kind) => kind switch
    {
        RefusalKind.NotAllowed => MqttPubAckReasonCode.NotAuthorized,
        RefusalKind.BadTopic => MqttPubAckReasonCode.TopicNameInvalid,
        RefusalKind.TooLarge => MqttPubAckReasonCode.PayloadFormatInvalid,
        RefusalKind.OverQuota => MqttPubAckReasonCode.QuotaExceeded,
        _ => MqttPubAckReasonCode.ImplementationSpecificError,
    };

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "ConnectRefused: certificate of {Certified}, client id {ClientId}: {Reason}")]
        public static partial void ConnectRefused(ILogger logger, string certified, string clientId, string reason);

        [LoggerMessage(LogLevel.Warning, "PublishRefused: {Device} on {Topic}: {Reason}")]
        public static partial void PublishRefused(ILogger logger, DeviceId device, string topic, string reason);

        [LoggerMessage(LogLevel.Warning, "ConnectionCut: {Device}: {Reason}")]
        public static partial void Cut(ILogger logger, DeviceId device, MqttDisconnectReasonCode reason);

        [LoggerMessage(LogLevel.Warning, "SubscribeRefused: {Device} to {Filter}: {Reason}")]
        public static partial void SubscribeRefused(ILogger logger, DeviceId device, string filter, string reason);
    }
}
