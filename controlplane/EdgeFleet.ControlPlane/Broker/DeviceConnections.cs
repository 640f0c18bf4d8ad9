using System.Collections.Concurrent;
using System.Net;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using MQTTnet.Formatter;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>What the broker knows of one connection.</summary>
internal sealed class DeviceConnection(EndPoint remote, MqttProtocolVersion protocol, DeviceBounds bounds)
{
    /// <summary>What the device said that it takes.</summary>
    public DeviceBounds Bounds { get; } = bounds;

    /// <summary>Where it comes from; tells a connection from the next one of the same device.</summary>
    public EndPoint Remote { get; } = remote;

    /// <summary>Version of MQTT.</summary>
    public MqttProtocolVersion Protocol { get; } = protocol;

    /// <summary>Number that the device gave this connection in its hello; null before.</summary>
    public long? Session { get; private set; }

    /// <summary>True when the device said itself that it goes, or its last will did.</summary>
    public bool HasSaidGoodbye { get; private set; }

    /// <summary>Takes note of a hello; one that cannot be read is for the uplink to put aside.</summary>
    public void Note(Hello hello) => Session = hello.Session;

    /// <summary>Takes note of a presence.</summary>
    public void Note(Presence presence) => HasSaidGoodbye = presence.State is "off" or "lost" or "sleeping";
}

/// <summary>What a device asked for and takes, as its CONNECT says.</summary>
/// <param name="WillDelay">How long its last will waits for it, within ours.</param>
/// <param name="PacketBytesMax">Largest packet that it takes, in bytes.</param>
/// <param name="AsksForSession">Whether it asks for a session that outlives its connection; there is none.</param>
internal readonly record struct DeviceBounds(TimeSpan WillDelay, long PacketBytesMax, bool AsksForSession);

/// <summary>The connections that stand, by device.</summary>
internal sealed class DeviceConnections
{
    private readonly ConcurrentDictionary<DeviceId, DeviceConnection> _all = new();
    private readonly ConcurrentDictionary<DeviceId, DeviceBounds> _bounds = new();

    /// <summary>Devices that are connected now.</summary>
    public IReadOnlyCollection<DeviceId> Devices => [.. _all.Keys];

    /// <summary>The device's connection, null if there is none.</summary>
    public DeviceConnection? Find(DeviceId device) => _all.GetValueOrDefault(device);

    /// <summary>Takes note of a CONNECT that was let in; the connection stands a moment later.</summary>
    public void Expect(DeviceId device, DeviceBounds bounds) => _bounds[device] = bounds;

    /// <summary>What the latest CONNECT of a device said; outlives its connection, for its last will.</summary>
    public DeviceBounds BoundsOf(DeviceId device) => _bounds.GetValueOrDefault(device, new DeviceBounds(TimeSpan.Zero, long.MaxValue, false));

    /// <summary>Adds one in place of an older one.</summary>
    public void Add(DeviceId device, EndPoint remote, MqttProtocolVersion protocol) => _all[device] = new DeviceConnection(remote, protocol, BoundsOf(device));

    /// <summary>Removes the one that came from there; an end that is told late must not remove the next connection.</summary>
    public DeviceConnection? Remove(DeviceId device, EndPoint remote) =>
        _all.TryGetValue(device, out var found) && found.Remote.Equals(remote) && _all.TryRemove(new(device, found)) ? found : null;
}
