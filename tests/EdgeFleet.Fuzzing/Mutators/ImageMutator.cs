using System.Buffers.Binary;
using System.Text;

namespace EdgeFleet.Fuzzing.Mutators;

/// <summary>
/// PNG by chunks, with check sums that are right again after a change, and JPEG by segments: sizes, tables, lengths, order and number.
/// </summary>
internal sealed class ImageMutator : IMutator
{
    private static readonly uint[] Sizes = [0, 1, 2, 3, 7, 8, 255, 256, 4096, 7071, 7072, 50_000, 65_535, 65_536, int.MaxValue, 0x8000_0000, uint.MaxValue];
    private static readonly byte[] PngHead = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];
    private readonly ByteMutator _bytes = new();

    /// <inheritdoc/>
    public byte[] Mutate(byte[] input, byte[] other, Random random) =>
        input.AsSpan().StartsWith(PngHead) ? Png(input, other, random)
        : input is [0xFF, 0xD8, ..] ? Jpeg(input, other, random)
        : _bytes.Mutate(input, other, random);

    private byte[] Png(byte[] input, byte[] other, Random random)
    {
        var chunks = Chunks(input);
        if (chunks.Count == 0)
            return _bytes.Mutate(input, other, random);

        var at = random.Next(3) == 0 ? 0 : random.Next(chunks.Count);
        var (type, data) = chunks[at];
        switch (random.Next(6))
        {
            case 0 when data.Length >= 8: BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(4 * random.Next(2)), Sizes[random.Next(Sizes.Length)]); break;
            case 1 when data.Length >= 13: data[8 + random.Next(5)] = (byte)random.Next(random.Next(2) == 0 ? 17 : 256); break;
            case 2: chunks.RemoveAt(at); break;
            case 3: chunks.Insert(random.Next(chunks.Count), (type, data)); break;
            case 4: chunks[at] = (type, _bytes.Mutate(data, other, random)); break;
            default: chunks.Insert(random.Next(chunks.Count + 1), (Type(random), _bytes.Mutate(data, other, random))); break;
        }

        var output = new MemoryStream();
        output.Write(PngHead);
        foreach (var (name, body) in chunks)
            PutChunk(output, name, body, random);
        return output.Length > ByteMutator.LengthMax ? output.ToArray()[..ByteMutator.LengthMax] : output.ToArray();
    }

    private static string Type(Random random) => ((string[])["IHDR", "PLTE", "IDAT", "IEND", "tRNS", "iCCP", "eXIf", "acTL", "fcTL", "fdAT", "gAMA", "cHRM", "sRGB", "zTXt"])[random.Next(14)];

    private static List<(string Type, byte[] Data)> Chunks(byte[] png)
    {
        var chunks = new List<(string, byte[])>();
        for (var at = PngHead.Length; at + 12 <= png.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            if (length > png.Length - at - 12)
                break;
            chunks.Add((Encoding.Latin1.GetString(png, at + 4, 4), png[(at + 8)..(at + 8 + (int)length)]));
            at += 12 + (int)length;
        }

        return chunks;
    }

    private static void PutChunk(MemoryStream to, string type, byte[] data, Random random)
    {
        byte[] body = [.. Encoding.Latin1.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(number, random.Next(50) == 0 ? Sizes[random.Next(Sizes.Length)] : (uint)data.Length);
        to.Write(number);
        to.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        to.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB8_8320 & (uint)-(int)(crc & 1));
        }

        return ~crc;
    }

    private byte[] Jpeg(byte[] input, byte[] other, Random random)
    {
        var (segments, rest) = Segments(input);
        if (segments.Count == 0)
            return _bytes.Mutate(input, other, random);

        var at = random.Next(segments.Count);
        if (random.Next(3) == 0)
            at = Math.Max(0, segments.FindIndex(s => s.Marker is 0xC0 or 0xC1 or 0xC2));
        var (marker, data) = segments[at];
        switch (random.Next(7))
        {
            case 0 when data.Length >= 5: BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(1 + 2 * random.Next(2)), (ushort)Sizes[random.Next(Sizes.Length)]); break;
            case 1 when data.Length > 0: data[random.Next(data.Length)] = (byte)random.Next(256); break;
            case 2: segments.RemoveAt(at); break;
            case 3: segments.InsertRange(random.Next(segments.Count), Enumerable.Repeat((marker, data), 1 + random.Next(1 << random.Next(1, 6)))); break;
            case 4: segments[at] = (marker, _bytes.Mutate(data, other, random)); break;
            case 5: segments[at] = ((byte)(0xC0 + random.Next(64)), data); break;
            default: rest = _bytes.Mutate(rest, other, random); break;
        }

        var output = new MemoryStream();
        output.Write([0xFF, 0xD8]);
        foreach (var (kind, body) in segments)
        {
            var length = random.Next(60) == 0 ? random.Next(65_536) : Math.Min(65_535, body.Length + 2);
            output.Write([0xFF, kind, (byte)(length >> 8), (byte)length]);
            output.Write(body);
        }

        output.Write(rest);
        return output.Length > ByteMutator.LengthMax ? output.ToArray()[..ByteMutator.LengthMax] : output.ToArray();
    }

    private static (List<(byte Marker, byte[] Data)> Segments, byte[] Tail) Segments(byte[] jpeg)
    {
        var segments = new List<(byte, byte[])>();
        var at = 2;
        while (at + 4 <= jpeg.Length && jpeg[at] == 0xFF)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2));
            if (length < 2 || at + 2 + length > jpeg.Length)
                break;
            var marker = jpeg[at + 1];
            segments.Add((marker, jpeg[(at + 4)..(at + 2 + length)]));
            at += 2 + length;
            if (marker == 0xDA)
                break; // What follows is the picture.
        }

        return (segments, jpeg[at..]);
    }
}
