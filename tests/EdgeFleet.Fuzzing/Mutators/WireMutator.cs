using System.IO.Compression;
using System.Text;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Fuzzing.Mutators;

/// <summary>Changes the JSON inside a message that is packed, and packs it again; makes messages that unpack to very much; and changes the packed bytes.</summary>
internal sealed class WireMutator : IMutator
{
    private const byte Marker = 0xB5;
    private const byte ContinuedMarker = 0xB6;
    private readonly JsonMutator _json = new();
    private readonly ByteMutator _bytes = new();

    /// <inheritdoc/>
    public byte[] Mutate(byte[] input, byte[] other, Random random)
    {
        if (random.Next(300) == 0)
            return Bomb(random);
        if (random.Next(6) == 0)
            return _bytes.Mutate(input, other, random);

        var json = Unpacked(input);
        return json is null ? _bytes.Mutate(input, other, random) : Packed(_json.Mutate(json, Unpacked(other) ?? other, random), random);
    }

    private static byte[]? Unpacked(byte[] input)
    {
        if (input is [] or not [Marker or ContinuedMarker, ..])
            return input;

        byte[] whole = input[0] == Marker ? input[1..] : [.. WireDictionary.Beginning, .. input[1..]];
        var output = new byte[WireCodec.UnpackedBytesMax + WireDictionary.Length];
        return BrotliDecoder.TryDecompress(whole, output, out var written) ? output[(input[0] == Marker ? 0 : Math.Min(written, WireDictionary.Length))..written] : null;
    }

    private static byte[] Packed(byte[] json, Random random)
    {
        var packed = new byte[1 + BrotliEncoder.GetMaxCompressedLength(json.Length)];
        switch (random.Next(3))
        {
            case 0 when WireDictionary.TryCompress(json, packed.AsSpan(1), 4, 18, out var continued):
                packed[0] = ContinuedMarker;
                return packed[..(continued + 1)];
            case 1 when BrotliEncoder.TryCompress(json, packed.AsSpan(1), out var plain, 4, 18):
                packed[0] = Marker;
                return packed[..(plain + 1)];
            default:
                return json;
        }
    }

    // As much as brotli can be made to say with little: a run of one byte, or the beginning of good JSON with a run in it.
    private static byte[] Bomb(Random random)
    {
        var length = 1 << random.Next(16, 24);
        var run = new byte[length];
        Array.Fill(run, (byte)" 0[{\"a"[random.Next(6)]);
        if (random.Next(2) == 0)
            Encoding.ASCII.GetBytes("{\"v\":1,\"epoch\":\"").CopyTo(run, 0);
        var packed = new byte[1 + BrotliEncoder.GetMaxCompressedLength(length)];
        packed[0] = random.Next(4) == 0 ? ContinuedMarker : Marker;
        return BrotliEncoder.TryCompress(run, packed.AsSpan(1), out var written, 2, 18) ? packed[..(written + 1)] : packed[..1];
    }
}
