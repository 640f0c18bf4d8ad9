using System.Buffers;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace EdgeFleet.Shared.Deltas;

/// <summary>Unpacks one section of a delta on disk, never more than it declares and within a window that it cannot choose.</summary>
internal sealed class DeltaSection : IDisposable
{
    private const int BufferBytes = 16 * 1024;
    private static readonly string[] Names = ["steps", "masks", "differences", "fresh bytes"];

    private readonly SafeFileHandle _file;
    private readonly string _name;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private BrotliDecoder _decoder;
    private long _at;
    private long _packedLeft;
    private long _plainLeft;
    private (int From, int To) _held;
    private bool _isOver;

    /// <summary>Opens a section.</summary>
    /// <param name="file">The delta.</param>
    /// <param name="index">Which of <see cref="DeltaSections"/>.</param>
    /// <param name="at">Where it begins.</param>
    /// <param name="size">Its length.</param>
    /// <exception cref="DeltaException">It is nothing that unpacks, or asks for too wide a window.</exception>
    public DeltaSection(SafeFileHandle file, int index, long at, DeltaSectionSize size)
    {
        (_file, _name, _at, _packedLeft, _plainLeft) = (file, Names[index], at, size.Packed, size.Plain);
        if (size.Packed == 0 != (size.Plain == 0))
            throw Broken($"unpack {size.Packed} bytes to {size.Plain}");
        _isOver = size.Packed == 0;
        if (!_isOver && (!Fill() || WindowBits(_buffer[0]) > DeltaSections.WindowBitsMax))
            throw new DeltaException(DeltaFault.TooLarge, $"The {_name} of the delta ask for a window of more than {1 << DeltaSections.WindowBitsMax} bytes to unpack.");
    }

    /// <summary>The next byte.</summary>
    /// <exception cref="DeltaException">There is none.</exception>
    public byte ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        Read(one);
        return one[0];
    }

    /// <summary>The next bytes, all of them.</summary>
    /// <exception cref="DeltaException">There are fewer.</exception>
    public void Read(Span<byte> bytes)
    {
        if (bytes.Length > _plainLeft)
            throw Broken($"end with {_plainLeft} bytes where a step needs {bytes.Length}");

        _plainLeft -= bytes.Length;
        while (!bytes.IsEmpty)
        {
            var written = Step(bytes);
            bytes = bytes[written..];
            if (written == 0 && _isOver)
                throw Broken("unpack to less than they declare");
        }
    }

    /// <summary>Checks that nothing is left over.</summary>
    /// <exception cref="DeltaException">Something is.</exception>
    public void End()
    {
        Span<byte> more = stackalloc byte[1];
        while (!_isOver && _plainLeft == 0)
        {
            if (Step(more) > 0)
                throw Broken("unpack to more than they declare");
        }

        if (_plainLeft > 0 || _packedLeft > 0 || _held.From < _held.To)
            throw Broken("are longer than the steps need");
    }

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();

    /// <summary>The window that the first byte of a Brotli stream asks for (RFC 7932, section 9.1); 25 for the large ones outside it.</summary>
    internal static int WindowBits(byte first) => (first & 1, (first >> 1) & 7, (first >> 4) & 7) switch
    {
        (0, _, _) => 16,
        (_, 0, 0) => 17,
        (_, 0, 1) => 25,
        (_, 0, var small) => 8 + small,
        (_, var large, _) => 17 + large,
    };

    // Every call either gives bytes, or takes packed ones, which come to an end.
    private int Step(Span<byte> bytes)
    {
        var status = _decoder.Decompress(_buffer.AsSpan(_held.From.._held.To), bytes, out var consumed, out var written);
        _held.From += consumed;
        switch (status)
        {
            case OperationStatus.Done:
                _isOver = true;
                return written;
            case OperationStatus.InvalidData:
                throw Broken("do not unpack");
            case OperationStatus.NeedMoreData when !Fill():
                throw Broken("are cut off");
            default:
                return written;
        }
    }

    private bool Fill()
    {
        // What the decoder has not taken yet stays in front.
        var kept = _held.To - _held.From;
        _buffer.AsSpan(_held.From.._held.To).CopyTo(_buffer);
        var read = RandomAccess.Read(_file, _buffer.AsSpan(kept, (int)Math.Min(_packedLeft, BufferBytes - kept)), _at);
        _held = (0, kept + read);
        _at += read;
        _packedLeft -= read;
        return read > 0;
    }

    private DeltaException Broken(string how) => new(DeltaFault.Malformed, $"The {_name} of the delta {how}.");
}
