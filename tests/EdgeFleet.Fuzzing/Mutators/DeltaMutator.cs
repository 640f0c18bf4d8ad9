using System.IO.Compression;
using EdgeFleet.Shared.Deltas;

namespace EdgeFleet.Fuzzing.Mutators;

/// <summary>Changes what is packed in the sections of a delta and packs it again, so that the steps are met and not Brotli's own checks; or its header.</summary>
internal sealed class DeltaMutator : IMutator
{
    private const int PlainBytesMax = 256 * 1024;
    private readonly ByteMutator _bytes = new();

    /// <inheritdoc/>
    public byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        if (random.Next(8) == 0 || Sections(input) is not { } plain)
            return _bytes.Mutate(input, other, random);

        // Mostly the steps: all else follows them.
        var which = random.Next(2) == 0 ? DeltaSections.Steps : random.Next(DeltaSections.Count);
        plain[which] = random.Next(50) == 0 ? new byte[1 << random.Next(10, 18)] : _bytes.Mutate(plain[which], Sections(other)?[which] ?? other, random);
        var packed = plain.Select(Packed).ToArray();
        var header = DeltaHeader.Read(input.AsSpan(0, DeltaHeader.Bytes), input.Length) with
        {
            Sections = [.. packed.Zip(plain, (p, whole) => new DeltaSectionSize(p.Length, random.Next(20) == 0 ? random.Next(PlainBytesMax) : whole.Length))],
        };
        return [.. header.Write(), .. packed.SelectMany(p => p)];
    }

    private static byte[][]? Sections(byte[] delta)
    {
        try
        {
            var header = DeltaHeader.Read(delta.AsSpan(0, Math.Min(delta.Length, DeltaHeader.Bytes)), delta.Length);
            var (at, sections) = (DeltaHeader.Bytes, new byte[DeltaSections.Count][]);
            for (var i = 0; i < sections.Length; i++)
            {
                var output = new byte[PlainBytesMax];
                var packed = delta.AsSpan(at, (int)header.Sections[i].Packed);
                if (!packed.IsEmpty && !BrotliDecoder.TryDecompress(packed, output, out _))
                    return null;
                sections[i] = packed.IsEmpty ? [] : output[..(int)Math.Min(PlainBytesMax, header.Sections[i].Plain)];
                at += packed.Length;
            }

            return sections;
        }
        catch (DeltaException)
        {
            return null;
        }
    }

    private static byte[] Packed(byte[] plain)
    {
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return plain.Length > 0 && BrotliEncoder.TryCompress(plain, packed, out var length, 2, DeltaSections.WindowBitsMax) ? packed[..length] : [];
    }
}
