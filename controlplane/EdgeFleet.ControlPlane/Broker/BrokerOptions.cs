using System.ComponentModel.DataAnnotations;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>Bounds of the embedded broker. Section <c>Broker</c>.</summary>
internal sealed class BrokerOptions
{
    public const string Section = "Broker";

    /// <summary>Most connections at once.</summary>
    [Range(1, 1_000_000)]
    public int ConnectionsMax { get; set; } = 20_000;

    /// <summary>New connections a second, once <see cref="AcceptBurst"/> is used up. The others wait before TLS, for ten seconds at the most.</summary>
    [Range(1, 100_000)]
    public int AcceptsPerSecond { get; set; } = 500;

    /// <summary>New connections that may come at once.</summary>
    [Range(1, 1_000_000)]
    public int AcceptBurst { get; set; } = 2000;

    /// <summary>Longest wait for the whole CONNECT of a connection, in seconds.</summary>
    [Range(1, 60)]
    public int ConnectSecondsMax { get; set; } = 5;

    /// <summary>Longest keep-alive that a device may ask for, in seconds; a connection is given up after one and a half of its own.</summary>
    [Range(10, 65_535)]
    public int KeepAliveSecondsMax { get; set; } = 1200;

    /// <summary>Most messages that wait for one device; the oldest goes first. All of them are said again after its next hello.</summary>
    [Range(1, 10_000)]
    public int WaitingMax { get; set; } = 100;

    /// <summary>Messages a second of one device, once <see cref="PublishBurst"/> is used up; more is answered "quota exceeded" (0x97), and comes again. Pings and subscriptions wait at the same rate.</summary>
    [Range(1, 100_000)]
    public int PublishesPerSecond { get; set; } = 100;

    /// <summary>Messages that one device may send at once: what gathered while it was away.</summary>
    [Range(1, 1_000_000)]
    public int PublishBurst { get; set; } = 2000;

    /// <summary>Kilobytes a second of one device, once <see cref="PublishKbBurst"/> is used up.</summary>
    [Range(1, 1_000_000)]
    public int PublishKbPerSecond { get; set; } = 512;

    /// <summary>Kilobytes that one device may send at once.</summary>
    [Range(1, 10_000_000)]
    public int PublishKbBurst { get; set; } = 16_384;

    /// <summary>Connections a minute of one device, once <see cref="ConnectBurst"/> is used up; more is answered "quota exceeded".</summary>
    [Range(1, 10_000)]
    public int ConnectsPerMinute { get; set; } = 30;

    /// <summary>Connections that one device may make at once.</summary>
    [Range(1, 10_000)]
    public int ConnectBurst { get; set; } = 60;

    /// <summary>Longest that the last will of a device waits for it to come back, when it asks for a delay, in seconds. 0: it is said at once.</summary>
    [Range(0, 3600)]
    public int WillDelaySecondsMax { get; set; } = 300;
}
