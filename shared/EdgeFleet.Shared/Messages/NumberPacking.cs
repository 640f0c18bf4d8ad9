using System.Buffers.Text;

namespace EdgeFleet.Shared.Messages;

/// <summary>
/// Whole numbers as a short text: differences to the number before, in Rice codes whose parameter follows the size of the last ones (as in JPEG-LS), the bits in
/// Base64 of the kind that JSON need not escape. Counts of neighbouring bins and columns of like numbers take about as many bits as they hold information, which no general compressor reaches on digits.
/// </summary>
public static class NumberPacking
{
    /// <summary>Most numbers in one text.</summary>
    public const int CountMax = 100_000;

    // Longer runs of ones switch to the plain number behind its length.
    private const int UnaryMax = 20;
    private const int LengthBits = 7;

    /// <summary>Packs numbers; none give an empty text.</summary>
    public static string Pack(IReadOnlyList<long> numbers)
    {
        if (numbers.Count == 0)
            return "";

        var bits = new BitWriter();
        WritePlain(bits, (ulong)numbers.Count);
        WritePlain(bits, ZigZag(numbers[0]));
        var scale = new Scale(ZigZag(numbers[0]));
        for (var i = 1; i < numbers.Count; i++)
        {
            var value = ZigZag(unchecked(numbers[i] - numbers[i - 1]));
            Write(bits, value, scale.Bits);
            scale.Saw(value);
        }

        return Base64Url.EncodeToString(bits.ToArray());
    }

    /// <summary>The numbers of a text.</summary>
    /// <exception cref="FormatException">It is not one that <see cref="Pack"/> writes.</exception>
    public static long[] Unpack(string text)
    {
        if (text.Length == 0)
            return [];

        var bits = new BitReader(Base64Url.DecodeFromChars(text));
        var count = ReadPlain(bits);
        if (count is 0 or > CountMax)
            throw new FormatException($"A packed list claims {count} numbers; 1 to {CountMax} are taken.");

        var numbers = new long[count];
        var begin = ReadPlain(bits);
        numbers[0] = UnZigZag(begin);
        var scale = new Scale(begin);
        for (var i = 1; i < numbers.Length; i++)
        {
            var value = Read(bits, scale.Bits);
            scale.Saw(value);
            numbers[i] = unchecked(numbers[i - 1] + UnZigZag(value));
        }

        return numbers;
    }

    private static void Write(BitWriter bits, ulong value, int low)
    {
        var high = value >> low;
        if (high >= UnaryMax)
        {
            bits.Write(ulong.MaxValue, UnaryMax);
            WritePlain(bits, value);
            return;
        }

        bits.Write(ulong.MaxValue, (int)high);
        bits.Write(0, 1);
        bits.Write(value, low);
    }

    private static ulong Read(BitReader bits, int low)
    {
        var high = 0UL;
        while (high < UnaryMax && bits.Read(1) == 1)
            high++;
        return high == UnaryMax ? ReadPlain(bits) : (high << low) | bits.Read(low);
    }

    private static void WritePlain(BitWriter bits, ulong value)
    {
        var length = 64 - System.Numerics.BitOperations.LeadingZeroCount(value);
        bits.Write((ulong)length, LengthBits);
        bits.Write(value, length);
    }

    private static ulong ReadPlain(BitReader bits)
    {
        var length = (int)bits.Read(LengthBits);
        return length <= 64 ? bits.Read(length) : throw new FormatException("A packed list claims a number of more than 64 bits.");
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>How large the last differences were. The first is expected to be as counts vary: as the root of the number before it.</summary>
    private struct Scale(ulong begin)
    {
        private const int Memory = 16;
        private double _sum;
        private int _count;

        public readonly int Bits => _count == 0 ? Math.Min(30, (65 - System.Numerics.BitOperations.LeadingZeroCount(begin)) / 2 + 1) : Math.Clamp((int)Math.Ceiling(Math.Log2(Math.Max(1, 0.7 * _sum / _count))), 0, 60);

        public void Saw(ulong value)
        {
            (_sum, _count) = (_sum + value, _count + 1);
            if (_count == Memory)
                (_sum, _count) = (_sum / 2, _count / 2);
        }
    }

    private sealed class BitWriter
    {
        private readonly List<byte> _bytes = [];
        private int _used = 8;

        public void Write(ulong value, int count)
        {
            for (var i = count - 1; i >= 0; i--)
            {
                if (_used == 8)
                {
                    _bytes.Add(0);
                    _used = 0;
                }

                _bytes[^1] |= (byte)(((value >> i) & 1) << (7 - _used++));
            }
        }

        public byte[] ToArray() => [.. _bytes];
    }

    private sealed class BitReader(byte[] bytes)
    {
        private int _at;

        public ulong Read(int count)
        {
            if (_at + count > bytes.Length * 8)
                throw new FormatException("A packed list ends too early.");

            var value = 0UL;
            for (var i = 0; i < count; i++, _at++)
                value = (value << 1) | (uint)((bytes[_at >> 3] >> (7 - (_at & 7))) & 1);
            return value;
        }
    }
}
