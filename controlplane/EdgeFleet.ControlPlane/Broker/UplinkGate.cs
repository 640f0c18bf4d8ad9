using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Topics;
using MQTTnet.Formatter;
using MQTTnet.Server;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// Between broker and uplink: keeps the connections, and when one ends without a word from the device or its last will, says in its place
/// that it is lost.
/// </summary>
internal sealed class UplinkGate(IUplink uplink, DeviceConnections connections, HeldWills wills)
{
    /// <summary>True for a connection on which a refusal cannot be told but by ending it: MQTT 3.1.1.</summary>
    public bool IsWithoutReasonCodes(DeviceId device) => connections.Find(device) is { Protocol: < MqttProtocolVersion.V500 };

    /// <summary>True for a device that asked for a session that outlives its connection.</summary>
    public bool AsksForSession(DeviceId device) => connections.BoundsOf(device).AsksForSession;

    public Task ConnectedAsync(ClientConnectedEventArgs connected)
    {
        var device = DeviceId.Parse(connected.ClientId);
        connections.Add(device, connected.RemoteEndPoint, connected.ProtocolVersion);
        wills.Forget(device);
        return Task.CompletedTask;
    }

    public async Task DisconnectedAsync(ClientDisconnectedEventArgs disconnected)
    {
        var device = DeviceId.Parse(disconnected.ClientId);
        var ended = connections.Remove(device, disconnected.RemoteEndPoint);
        if (disconnected.DisconnectType == MqttClientDisconnectType.Takeover || ended is not { Session: { } session, HasSaidGoodbye: false })
            return;

        var lost = WireCodec.Encode(new Presence { State = "lost", Session = session }, WireJson.Default.Presence);
        await uplink.ReceiveAsync(device, new TopicAddress(device, TopicKind.Presence), lost, CancellationToken.None);
    }

    /// <summary>Takes a last will, to be said after the delay that the device asked for, unless it is back by then.</summary>
    public ValueTask ReceiveWillAsync(TopicAddress address, byte[] payload)
    {
        var delay = connections.BoundsOf(address.Device).WillDelay;
        if (delay == TimeSpan.Zero)
            return ReceiveAsync(address, payload, CancellationToken.None);

        Note(address, payload);
        wills.Hold(address, payload, delay);
        return ValueTask.CompletedTask;
    }

    /// <summary>Says the wills that wait: the broker ends.</summary>
    public Task SayWillsAsync() => wills.SayAllAsync();

    public ValueTask ReceiveAsync(TopicAddress address, ReadOnlyMemory<byte> payload, CancellationToken cancel)
    {
        if (address.Kind is TopicKind.Hello or TopicKind.Presence)
            Note(address, payload.Span);
        return uplink.ReceiveAsync(address.Device, address, payload, cancel);
    }

    private void Note(TopicAddress address, ReadOnlySpan<byte> payload)
    {
        try
        {
            if (address.Kind == TopicKind.Hello)
                connections.Find(address.Device)?.Note(WireCodec.Decode(payload, WireJson.Default.Hello, WireCodec.UpBytesMax));
            else
                connections.Find(address.Device)?.Note(WireCodec.Decode(payload, WireJson.Default.Presence, WireCodec.UpBytesMax));
        }
        catch (WireException)
        {
            // The uplink reads it too, and puts it aside with the reason.
        }
    }
}
