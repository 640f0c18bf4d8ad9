using System.Buffers;
using System.IO.Pipelines;
using EdgeFleet.Shared.Messages;
using Microsoft.AspNetCore.Connections;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>What the first bytes of an MQTT packet say of it.</summary>
/// <param name="PacketBytes">Bytes of the whole packet with its header; null while the header is not whole, or when there is a fault.</param>
/// <param name="Fault">Why it is not taken; null when it is.</param>
internal readonly record struct FrameVerdict(int? PacketBytes, string? Fault);

/// <summary>
/// Looks at the first bytes of every MQTT packet and cuts the connection when its length is over the cap of its type, before the packet is
/// gathered in memory: the library itself would gather up to 256 MB.
/// </summary>
internal sealed class FrameGuard(PipeReader inner) : PipeReader
{
    /// <summary>Largest packet of any type, in bytes after the fixed header: the largest message, its topic and properties.</summary>
    public const int PacketBytesMax = WireCodec.UpBytesMax + 1024;

    /// <summary>Largest CONNECT, with the last will in it, in bytes after the fixed header: all that a stranger can make us keep.</summary>
    public const int ConnectBytesMax = 16 * 1024;

    private const int HeaderBytesMax = 5;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => Check(await inner.ReadAsync(cancellationToken));

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
            return false;

        Check(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <summary>Longest remaining length of a packet whose first byte is this.</summary>
    public static int BytesMax(byte first) => (first >> 4) switch
    {
        1 => ConnectBytesMax,
        3 => PacketBytesMax,   // PUBLISH
        8 or 10 => 4 * 1024,   // SUBSCRIBE, UNSUBSCRIBE
        _ => 1024,
    };

    /// <summary>Judges the packet that begins here. Allocates nothing but the text of a fault.</summary>
    public static FrameVerdict Judge(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> header = stackalloc byte[HeaderBytesMax];
        var start = bytes.Slice(0, Math.Min(bytes.Length, HeaderBytesMax));
        start.CopyTo(header);
        header = header[..(int)start.Length];
        var length = 0;
        for (var i = 1; i < header.Length; i++)
        {
            length |= (header[i] & 0x7F) << (7 * (i - 1));
            if ((header[i] & 0x80) != 0)
                continue;

            return length > BytesMax(header[0])
                ? new FrameVerdict(null, $"A packet of type {header[0] >> 4} announces {length} bytes; at most {BytesMax(header[0])} are taken.")
                : new FrameVerdict(1 + i + length, null);
        }

        // A fifth byte that goes on is not MQTT; an unfinished header is read again with more bytes.
        return header.Length == HeaderBytesMax ? new FrameVerdict(null, "The length of a packet does not end within four bytes.") : default;
    }

    // The library consumes whole packets, so what is read always begins with the header of one.
    private static ReadResult Check(ReadResult result) =>
        Judge(result.Buffer).Fault is { } fault ? throw new ConnectionAbortedException(fault) : result;
}
