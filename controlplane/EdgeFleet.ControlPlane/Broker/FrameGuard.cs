using System.Buffers;
using System.IO.Pipelines;
using EdgeFleet.Shared.Messages;
using Microsoft.AspNetCore.Connections;

namespace EdgeFleet.ControlPlane.Broker;

/// <summary>
/// Looks at the first bytes of every MQTT packet and cuts the connection when its length is over the cap of its type, before the packet is
/// gathered in memory: the library itself would gather up to 256 MB.
/// </summary>
internal sealed class FrameGuard(PipeReader inner) : PipeReader
{
    /// <summary>Largest packet of any type, in bytes after the fixed header: the largest message, its topic and properties.</summary>
    public const int PacketBytesMax = WireCodec.UpBytesMax + 1024;

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
        1 => 16 * 1024,        // CONNECT, with the last will in it.
        3 => PacketBytesMax,   // PUBLISH
        8 or 10 => 4 * 1024,   // SUBSCRIBE, UNSUBSCRIBE
        _ => 1024,
    };

    // The library consumes whole packets, so what is read always begins with the header of one.
    private static ReadResult Check(ReadResult result)
    {
        Span<byte> header = stackalloc byte[HeaderBytesMax];
        var start = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, HeaderBytesMax));
        start.CopyTo(header);
        if (RemainingLength(header[..(int)start.Length]) is { } length && length > BytesMax(header[0]))
            throw new ConnectionAbortedException($"A packet of type {header[0] >> 4} announces {length} bytes; at most {BytesMax(header[0])} are taken.");
        return result;
    }

    private static int? RemainingLength(ReadOnlySpan<byte> header)
    {
        var length = 0;
        for (var i = 1; i < header.Length; i++)
        {
            length |= (header[i] & 0x7F) << (7 * (i - 1));
            if ((header[i] & 0x80) == 0)
                return length;
        }

        // A fifth byte that goes on is not MQTT; an unfinished header is read again with more bytes.
        return header.Length == HeaderBytesMax ? int.MaxValue : null;
    }
}
