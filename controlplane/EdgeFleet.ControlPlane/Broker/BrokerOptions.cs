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
}
