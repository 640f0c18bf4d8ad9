using System.Buffers.Binary;

namespace EdgeFleet.Fuzzing.Mutators;

/// <summary>Bits, bytes, numbers and runs, whatever they stand for.</summary>
internal sealed class ByteMutator : IMutator
{
    /// <summary>Longest input that is made.</summary>
    public const int LengthMax = 256 * 1024;

    private static readonly long[] Numbers = [0, 1, 2, 127, 128, 255, 256, 32767, 32768, 65535, 65536, int.MaxValue, (long)int.MaxValue + 1, uint.MaxValue, long.MaxValue, -1, long.MinValue];

    /// <inheritdoc/>
    public byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        if (input.Length == 0)
            return [(byte)random.Next(256)];

        var at = random.Next(input.Length);
        var length = Math.Min(input.Length - at, 1 + random.Next(1 << random.Next(1, 9)));
        switch (random.Next(9))
        {
            case 0: return With(input, b => b[at] ^= (byte)(1 << random.Next(8)));
            case 1: return With(input, b => b[at] = (byte)random.Next(256));
            case 2: return With(input, b => random.NextBytes(b.AsSpan(at, length)));
            case 3: return With(input, b => Write(b.AsSpan(at), Numbers[random.Next(Numbers.Length)], random));
            case 4: return [.. input[..at], .. input[(at + length)..]];
            case 5: return input[..at];
            case 6: return Capped([.. input[..at], .. Repeated(input.AsSpan(at, length), random), .. input[at..]]);
            case 7:
                var from = other.Length == 0 ? 0 : random.Next(other.Length);
                return Capped([.. input[..at], .. other[from..Math.Min(other.Length, from + length)], .. input[at..]]);
            default:
                var made = new byte[length];
                random.NextBytes(made);
                return Capped([.. input[..at], .. made, .. input[at..]]);
        }
    }

    private static byte[] With(byte[] input, Action<byte[]> change)
    {
        var copy = input.ToArray();
        change(copy);
        return copy;
    }

    private static byte[] Repeated(ReadOnlySpan<byte> part, Random random)
    {
        var times = 1 + random.Next(1 << random.Next(1, 8));
        var all = new byte[Math.Min(part.Length * times, LengthMax)];
        for (var i = 0; i < all.Length; i++)
            all[i] = part[i % part.Length];
        return all;
    }

    private static void Write(Span<byte> to, long number, Random random)
    {
        Span<byte> bytes = stackalloc byte[8];
        if (random.Next(2) == 0)
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        else
            BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        var width = 1 << random.Next(4);
        var part = random.Next(2) == 0 ? bytes[..width] : bytes[^width..];
        part[..Math.Min(part.Length, to.Length)].CopyTo(to);
    }

    private static byte[] Capped(byte[] bytes) => bytes.Length > LengthMax ? bytes[..LengthMax] : bytes;
}
