using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>Other programs on the board may ask the slots' models. Section <c>LocalApi</c>; off unless <c>Listen</c> is given.</summary>
internal sealed record LocalApiOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "LocalApi";

    private const string Example = "\"unix:/run/edgefleet/api.sock\" or \"127.0.0.1:8470\"";

    /// <summary>Where to listen: a Unix socket or a loopback port; null for not at all.</summary>
    public EndPoint? Listen { get; init; }

    /// <summary>File whose first line a caller must send as bearer token; empty for none.</summary>
    public string TokenFile { get; init; } = "";

    /// <summary>Calls that may wait for a slot's model.</summary>
    public int QueueLength { get; init; } = 4;

    /// <summary>Most bytes of a request's body.</summary>
    public int BodyBytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Connections at a time.</summary>
    public int ConnectionsMax { get; init; } = 16;

    /// <summary>Seconds that a request may take to arrive whole, and its answer to be taken.</summary>
    public int SlowSeconds { get; init; } = 30;

    /// <summary>Reads the section.</summary>
    public static LocalApiOptions Read(ConfigSection section) => new()
    {
        Listen = ReadListen(section),
        TokenFile = section.Text("TokenFile", ""),
        QueueLength = section.Int("QueueLength", 4, 1, 1000),
        BodyBytesMax = section.Int("BodyBytesMax", 8 * 1024 * 1024, 1024, 256 * 1024 * 1024),
        ConnectionsMax = section.Int("ConnectionsMax", 16, 1, 1000),
        SlowSeconds = section.Int("SlowSeconds", 30, 1, 3600),
    };

    private static EndPoint? ReadListen(ConfigSection section)
    {
        var text = section.Text("Listen", "");
        if (text.Length == 0)
            return null;
        if (text.StartsWith("unix:", StringComparison.Ordinal) && Path.IsPathRooted(text[5..]) && text.Length < 5 + 108)
            return new UnixDomainSocketEndPoint(text[5..]);
        if (!IPEndPoint.TryParse(text, out var address) || !text.EndsWith($":{address.Port.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal))
            section.Fault("Listen", $"is '{text}', which is neither unix: and an absolute path nor an address with a port", Example);
        else if (!IPAddress.IsLoopback(address.Address))
            section.Fault("Listen", $"is '{text}', which other machines could reach: only a Unix socket or a loopback address may be listened at", Example);
        else
            return address;
        return null;
    }
}
