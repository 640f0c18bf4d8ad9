using System.Buffers.Binary;
using System.Numerics;

namespace EdgeFleet.Shared.Deltas;

/// <summary>
/// Numbers laid out so that they pack well: differences with their sign in the lowest bit, then all bytes of the lowest weight, all of the next, and so on.
/// Done in pieces, so that neither side holds more than one. Pure.
/// </summary>
public static class Planes
{
    /// <summary>Bytes of a piece.</summary>
    public const int PieceBytes = 64 * 1024;

    /// <summary>The numbers of a piece less those of the file before, by planes.</summary>
    /// <param name="target">Bytes of the file after; whole numbers.</param>
    /// <param name="before">As many of the file before.</param>
    /// <param name="planes">As many bytes.</param>
    /// <param name="width">Bytes of a number.</param>
    public static void Subtract(ReadOnlySpan<byte> target, ReadOnlySpan<byte> before, Span<byte> planes, int width)
    {
        var count = target.Length / width;
        for (var i = 0; i < count; i++)
        {
            var (a, b) = (Number(target, i, width), Number(before, i, width));
            Spread(ZigZag(a - b, width), planes, i, count, width);
        }
    }

    /// <summary>The numbers of the file after, from planes and the file before.</summary>
    /// <param name="planes">What <see cref="Subtract"/> gave.</param>
    /// <param name="before">As many bytes of the file before.</param>
    /// <param name="target">As many bytes.</param>
    /// <param name="width">Bytes of a number.</param>
    public static void Add(ReadOnlySpan<byte> planes, ReadOnlySpan<byte> before, Span<byte> target, int width)
    {
        var count = target.Length / width;
        for (var i = 0; i < count; i++)
        {
            var difference = Gather(planes, i, count, width);
            Put(target, i, width, Number(before, i, width) + ((difference >> 1) ^ (0UL - (difference & 1))));
        }
    }

    /// <summary>Numbers by planes.</summary>
    public static void Split(ReadOnlySpan<byte> numbers, Span<byte> planes, int width)
    {
        var count = numbers.Length / width;
        for (var i = 0; i < count; i++)
            Spread(Number(numbers, i, width), planes, i, count, width);
    }

    /// <summary>Numbers from planes.</summary>
    public static void Join(ReadOnlySpan<byte> planes, Span<byte> numbers, int width)
    {
        var count = numbers.Length / width;
        for (var i = 0; i < count; i++)
            Put(numbers, i, width, Gather(planes, i, count, width));
    }

    /// <summary>Bytes of the mask of a piece.</summary>
    public static int MaskBytes(int bytes) => (bytes + 7) / 8;

    /// <summary>How many bytes a mask says are not zero.</summary>
    public static int NonZero(ReadOnlySpan<byte> mask)
    {
        var count = 0;
        foreach (var bits in mask)
            count += BitOperations.PopCount(bits);
        return count;
    }

    /// <summary>Puts bytes where a mask says that they stand, and zero elsewhere; works within one buffer whose first bytes they are.</summary>
    /// <param name="mask">A bit a byte, the lowest first.</param>
    /// <param name="piece">In front the bytes that are not zero.</param>
    /// <param name="nonZero">How many those are.</param>
    public static void Unmask(ReadOnlySpan<byte> mask, Span<byte> piece, int nonZero)
    {
        for (var i = piece.Length - 1; i >= 0; i--)
            piece[i] = (mask[i >> 3] & (1 << (i & 7))) == 0 ? (byte)0 : piece[--nonZero];
    }

    private static ulong Number(ReadOnlySpan<byte> bytes, int index, int width) => width switch
    {
        1 => bytes[index],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[(index * 2)..]),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(index * 4)..]),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(index * 8)..]),
    };

    private static void Put(Span<byte> bytes, int index, int width, ulong value)
    {
        switch (width)
        {
            case 1: bytes[index] = (byte)value; break;
            case 2: BinaryPrimitives.WriteUInt16LittleEndian(bytes[(index * 2)..], (ushort)value); break;
            case 4: BinaryPrimitives.WriteUInt32LittleEndian(bytes[(index * 4)..], (uint)value); break;
            default: BinaryPrimitives.WriteUInt64LittleEndian(bytes[(index * 8)..], value); break;
        }
    }

    private static ulong ZigZag(ulong difference, int width)
    {
        var unused = 64 - (8 * width);
        var signed = (long)(difference << unused) >> unused;
        return (ulong)((signed << 1) ^ (signed >> 63));
    }

    private static void Spread(ulong value, Span<byte> planes, int index, int count, int width)
    {
        for (var p = 0; p < width; p++)
            planes[(p * count) + index] = (byte)(value >> (8 * p));
    }

    private static ulong Gather(ReadOnlySpan<byte> planes, int index, int count, int width)
    {
        ulong value = 0;
        for (var p = 0; p < width; p++)
            value |= (ulong)planes[(p * count) + index] << (8 * p);
        return value;
    }
}
