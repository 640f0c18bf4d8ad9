using System.Collections.Concurrent;
using System.Net;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using MQTTnet.Formatter;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>What the broker knows of one connection.</summary>
internal sealed class DeviceConnection(EndPoint remote, MqttProtocolVersion protocol)
{
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

/// <summary>The connections that stand, by device.</summary>
internal sealed class DeviceConnections
{
    private readonly ConcurrentDictionary<DeviceId, DeviceConnection> _all = new();

    /// <summary>Devices that are connected now.</summary>
    public IReadOnlyCollection<DeviceId> Devices => [.. _all.Keys];

    /// <summary>The device's connection, null if there is none.</summary>
    public DeviceConnection? Find(DeviceId device) => _all.GetValueOrDefault(device);

    /// <summary>Adds one in place of an older one.</summary>
    public void Add(DeviceId device, DeviceConnection connection) => _all[device] = connection;

    /// <summary>Removes the one that came from there; an end that is told late must not remove the next connection.</summary>
    public DeviceConnection? Remove(DeviceId device, EndPoint remote) =>
        _all.TryGetValue(device, out var found) && found.Remote.Equals(remote) && _all.TryRemove(new(device, found)) ? found : null;
}
