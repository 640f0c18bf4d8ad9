using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using EdgeFleet.ControlPlane.Tests.Hosting;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.ControlPlane.Tests.Broker;

/// <summary>A packet as it came: type and flags, and the rest.</summary>
internal sealed record RawPacket(byte First, byte[] Body)
{
    /// <summary>Type, 1 to 15.</summary>
    public int Type => First >> 4;
}

/// <summary>MQTT 5 by hand over real TLS, for what no good client would do.</summary>
internal sealed class RawMqtt : IAsyncDisposable
{
    public const byte SessionExpiry = 0x11;
    public const byte ReceiveMaximum = 0x21;
    public const byte TopicAliasMaximum = 0x22;
    public const byte MaximumPacketSize = 0x27;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TcpClient _tcp = new();
    private SslStream? _tls;

    /// <summary>Connects by TLS and sends nothing yet.</summary>
    public static async Task<RawMqtt> OpenAsync(RunningControlPlane plane, TestDevice device)
    {
        var raw = new RawMqtt();
        await raw._tcp.ConnectAsync("127.0.0.1", plane.Ports.MqttPort);
        raw._tls = new SslStream(raw._tcp.GetStream(), false, PinnedCa.Validate(plane.Authority.Pin));
        await raw._tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificates = [device.Certificate] });
        return raw;
    }

    /// <summary>Connects and takes the CONNACK, which must be a success.</summary>
    public static async Task<(RawMqtt Mqtt, byte[] ConnAck)> ConnectAsync(RunningControlPlane plane, TestDevice device, byte[] connect)
    {
        var raw = await OpenAsync(plane, device);
        await raw.SendAsync(connect);
        var answer = await raw.ReadAsync();
        Assert.Equal((2, 0), (answer!.Type, answer.Body[1]));
        return (raw, answer.Body);
    }

    /// <summary>A CONNECT.</summary>
    public static byte[] Connect(string clientId, byte flags = 0x02, int keepAlive = 60, byte[]? properties = null, string protocol = "MQTT", byte version = 5, byte[]? afterId = null)
    {
        properties ??= [];
        return Packet(0x10, [.. Text(protocol), version, flags, (byte)(keepAlive >> 8), (byte)keepAlive, (byte)properties.Length, .. properties, .. Text(clientId), .. afterId ?? []]);
    }

    /// <summary>SUBSCRIBE of one filter, packet id 1.</summary>
    public static byte[] Subscribe(string filter, byte options = 1) => Packet(0x82, [0, 1, 0, .. Text(filter), options]);

    /// <summary>UNSUBSCRIBE of one filter, packet id 2.</summary>
    public static byte[] Unsubscribe(string filter) => Packet(0xA2, [0, 2, 0, .. Text(filter)]);

    /// <summary>PUBLISH with QoS 1.</summary>
    public static byte[] Publish(string topic, byte[] payload, byte[]? properties = null, byte first = 0x32) =>
        Packet(first, [.. Text(topic), .. first == 0x30 ? Array.Empty<byte>() : [0, 3], (byte)(properties?.Length ?? 0), .. properties ?? [], .. payload]);

    /// <summary>A property of two bytes.</summary>
    public static byte[] Short(byte id, int value) => [id, (byte)(value >> 8), (byte)value];

    /// <summary>A property of four bytes.</summary>
    public static byte[] Long(byte id, uint value) => [id, (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    /// <summary>A text with its length.</summary>
    public static byte[] Text(string text) => [(byte)(text.Length >> 8), (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    /// <summary>A packet with its length.</summary>
    public static byte[] Packet(byte first, byte[] body)
    {
        List<byte> length = [];
        for (var left = body.Length; length.Count == 0 || left > 0; left >>= 7)
            length.Add((byte)((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
        return [first, .. length, .. body];
    }

    public async Task SendAsync(byte[] bytes) => await _tls!.WriteAsync(bytes);

    /// <summary>The next packet; null when the other side has ended the connection.</summary>
    public async Task<RawPacket?> ReadAsync()
    {
        try
        {
            var one = new byte[1];
            if (await ReadExactAsync(one) is not { } first)
                return null;

            var (length, shift) = (0, 0);
            do
            {
                if (await ReadExactAsync(one) is null)
                    return null;
                length |= (one[0] & 0x7F) << shift;
                shift += 7;
            }
            while ((one[0] & 0x80) != 0);
            return await ReadExactAsync(new byte[length]) is { } body ? new RawPacket(first[0], body) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Cuts without a word.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_tls is not null)
            await _tls.DisposeAsync();
        _tcp.Dispose();
    }

    private async Task<byte[]?> ReadExactAsync(byte[] into)
    {
        var read = await _tls!.ReadAtLeastAsync(into, into.Length, throwOnEndOfStream: false).AsTask().WaitAsync(Patience);
        return read == into.Length ? into.ToArray() : null;
    }
}
