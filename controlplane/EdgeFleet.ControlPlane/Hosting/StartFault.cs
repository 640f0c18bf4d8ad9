using System.Globalization;
using System.Text.RegularExpressions;
using EdgeFleet.ControlPlane.Data;
using Microsoft.AspNetCore.Connections;

namespace EdgeFleet.ControlPlane.Hosting;

/// <summary>Turns what can go wrong at the start into a sentence for the operator; everything else is a bug and keeps its stack trace.</summary>
internal static partial class StartFault
{
    /// <summary>The sentence, or null for a bug.</summary>
    public static string? Explain(Exception error, ControlPlaneOptions options) => error switch
    {
        IOException { InnerException: AddressInUseException } e => PortInUse(e.Message, options),
        System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AccessDenied } =>
            "A port below 1024 may be taken only with the capability CAP_NET_BIND_SERVICE. Grant it in the systemd unit (AmbientCapabilities), or set higher ports.",
        System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AddressNotAvailable } =>
            $"ControlPlane:Listen is {options.Listen}, which is no address of this machine. Set one that 'ip addr' shows, or leave it out.",
        IOException or UnauthorizedAccessException or DatabaseFault => error.Message,
        _ => null,
    };

    private static string PortInUse(string message, ControlPlaneOptions options)
    {
        var port = PortInAddress().Match(message) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        var setting = port == options.HttpsPort ? nameof(options.HttpsPort)
            : port == options.DeviceHttpsPort ? nameof(options.DeviceHttpsPort)
            : nameof(options.MqttPort);
        return $"Port {port} is in use by another program. Stop it ('ss -ltnp sport = :{port}' names it), or set another port with "
            + $"{ControlPlaneOptions.Section}:{setting}, for example {ConfigurationSetup.Prefix}{ControlPlaneOptions.Section}__{setting}={port + 1000}.";
    }

    [GeneratedRegex(":([0-9]{1,5}):? ")]
    private static partial Regex PortInAddress();
}
