using System.Buffers.Binary;
using System.Text;

namespace EdgeFleet.Benchmarks.Compat;

/// <summary>Finds the PUBLISH packets in one direction of an MQTT connection, in whatever pieces its bytes come.</summary>
/// <param name="session">Both directions of the connection.</param>
/// <param name="found">Told of topic and payload.</param>
internal sealed class MqttPublishes(MqttSession session, Action<string, byte[]> found)
{
    private const int Connect = 1;
    private const int Publish = 3;
    private const byte Version5 = 5;
    private readonly List<byte> _held = [];

    /// <summary>Takes the next bytes.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        _held.AddRange(bytes);
        while (Next() is { } packet)
            Look(packet);
    }

    // A packet once it is whole: type and flags, a length of up to four bytes, and so many more.
    private byte[]? Next()
    {
        if (Length(_held, 1) is not var (length, at) || _held.Count < at + length)
            return null;

        byte[] packet = [_held[0], .. _held.GetRange(at, length)];
        _held.RemoveRange(0, at + length);
        return packet;
    }

    private void Look(byte[] packet)
    {
        var kind = packet[0] >> 4;
        var body = packet.AsSpan(1);
        if (kind == Connect)
            session.Version = body[2 + BinaryPrimitives.ReadUInt16BigEndian(body)];
        if (kind != Publish)
            return;

        var end = 2 + BinaryPrimitives.ReadUInt16BigEndian(body);
        var topic = Encoding.UTF8.GetString(body[2..end]);
        var hasId = ((packet[0] >> 1) & 3) > 0;
        end += hasId ? 2 : 0;
        if (session.Version >= Version5 && Length([.. body], end) is var (properties, after))
            end = after + properties;
        found(topic, body[end..].ToArray());
    }

    private static (int Length, int At)? Length(List<byte> bytes, int at)
    {
        var length = 0;
        for (var shift = 0; shift < 28 && at < bytes.Count; shift += 7)
        {
            length |= (bytes[at] & 0x7F) << shift;
            if ((bytes[at++] & 0x80) == 0)
                return (length, at);
        }

        return null;
    }
}

/// <summary>What both directions of a connection share.</summary>
internal sealed class MqttSession
{
    /// <summary>Protocol level of the CONNECT: 5, or 4 for 3.1.1.</summary>
    public byte Version { get; set; }
}
