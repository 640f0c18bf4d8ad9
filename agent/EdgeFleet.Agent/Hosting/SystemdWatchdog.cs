using System.Globalization;
using System.Net.Sockets;

namespace EdgeFleet.Agent.Hosting;

/// <summary>Tells systemd that the process is well (<c>WATCHDOG=1</c>, sd_notify(3)), at most twice in the time that the unit's <c>WatchdogSec</c> gives. Does nothing elsewhere.</summary>
internal sealed class SystemdWatchdog : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _every;
    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _to;
    private long? _last;

    /// <summary>A watchdog as the environment says.</summary>
    /// <param name="time">Clock.</param>
    /// <param name="socket">NOTIFY_SOCKET: a path, or an abstract name that begins with @.</param>
    /// <param name="microseconds">WATCHDOG_USEC: time after which systemd takes the process for hung.</param>
    public SystemdWatchdog(TimeProvider time, string? socket, string? microseconds)
    {
        _time = time;
        if (string.IsNullOrEmpty(socket) || !long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var usec) || usec <= 0)
            return;

        _every = TimeSpan.FromMicroseconds(usec / 2.0);
        _to = new UnixDomainSocketEndPoint(socket[0] == '@' ? $"\0{socket[1..]}" : socket);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    }

    /// <summary>The watchdog of this process.</summary>
    public static SystemdWatchdog OfEnvironment(TimeProvider time) =>
        new(time, Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"));

    /// <summary>Says that all is well, if it is time to.</summary>
    public void Feed()
    {
        if (_socket is null || (_last is { } last && _time.GetElapsedTime(last) < _every - TimeSpan.FromSeconds(1)))
            return;

        try
        {
            _socket.SendTo("WATCHDOG=1"u8, SocketFlags.None, _to!);
            _last = _time.GetTimestamp();
        }
        catch (SocketException)
        {
            // Tried again at the next look; systemd judges.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();
}
