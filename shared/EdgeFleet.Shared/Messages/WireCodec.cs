using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace EdgeFleet.Shared.Messages;

/// <summary>
/// Bytes of a message: JSON, or from 128 B on Brotli of JSON behind one marker byte that no JSON text begins with; a second marker tells that it goes on from
/// <see cref="WireDictionary"/>.
/// The form is told by the bytes alone, so nothing depends on what only MQTT 5 offers.
/// </summary>
public static class WireCodec
{
    /// <summary>Largest message from a device, in bytes.</summary>
    public const int UpBytesMax = 128 * 1024;

    /// <summary>Largest message to a device, in bytes.</summary>
    public const int DownBytesMax = 64 * 1024;

    /// <summary>Largest blob, in bytes: the photo of an alert.</summary>
    public const int BlobBytesMax = 96 * 1024;

    /// <summary>Largest output of decompression, in bytes: four times what a message may be, and no bomb.</summary>
    public const int UnpackedBytesMax = 4 * UpBytesMax;

    private const byte BrotliMarker = 0xB5;
    private const byte ContinuedMarker = 0xB6;
    private const int CompressFromBytes = 128;
    private const int Quality = 9;
    private const int Window = 18;

    /// <summary>Writes a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="type">Its shape.</param>
    /// <param name="isContinued">False for a reader that may be older than <see cref="WireDictionary"/>.</param>
    public static byte[] Encode<T>(T message, JsonTypeInfo<T> type, bool isContinued = true)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(message, type);
        if (json.Length < CompressFromBytes)
            return json;

        var packed = new byte[1 + BrotliEncoder.GetMaxCompressedLength(json.Length)];
        packed[0] = ContinuedMarker;
        var written = 0;
        var done = isContinued && WireDictionary.TryCompress(json, packed.AsSpan(1), Quality, Window, out written);
        if (!done)
        {
            packed[0] = BrotliMarker;
            done = BrotliEncoder.TryCompress(json, packed.AsSpan(1), out written, Quality, Window);
        }

        return done && written + 1 < json.Length ? packed[..(written + 1)] : json;
    }

    /// <summary>Reads a message of at most <paramref name="bytesMax"/> bytes.</summary>
    /// <exception cref="WireException">Too large, not Brotli, unpacks to too much, or not JSON of this type.</exception>
    public static T Decode<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type, int bytesMax)
        where T : class => Parse(JsonOf(bytes, bytesMax), type);

    /// <summary>The JSON of a message of at most <paramref name="bytesMax"/> bytes.</summary>
    /// <exception cref="WireException">Too large, not Brotli, unpacks to too much, or with a text that databases cannot keep.</exception>
    internal static ReadOnlySpan<byte> JsonOf(ReadOnlySpan<byte> bytes, int bytesMax)
    {
        if (bytes.Length > bytesMax)
            throw new WireException($"The message has {bytes.Length} bytes; at most {bytesMax} are taken.");

        var json = bytes switch
        {
            [BrotliMarker, ..] => Unpack(bytes[1..]),
            [ContinuedMarker, ..] => Unpack([.. WireDictionary.Beginning, .. bytes[1..]], WireDictionary.Length),
            _ => bytes,
        };
        if (json.IndexOf("\\u0000"u8) >= 0)
            throw new WireException("The message has the character U+0000 in a text; databases cannot keep it.");

        return json;
    }

    /// <summary>Reads JSON.</summary>
    /// <exception cref="WireException">It is not of this type.</exception>
    internal static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new WireException($"The message is 'null' in place of a {typeof(T).Name}.");
        }
        catch (JsonException e)
        {
            throw new WireException($"The message is not a {typeof(T).Name}: {e.Message}", e);
        }
    }

    /// <summary>Refuses a message of a major version that this code does not know.</summary>
    /// <exception cref="WireException">The version is another one.</exception>
    public static T Expect<T>(T message, int version, int known = 1) => version == known
        ? message
        : throw new WireException($"{typeof(T).Name} has version {version}; this side knows {known}. Update this side.");

    private static ReadOnlySpan<byte> Unpack(scoped ReadOnlySpan<byte> packed, int skip = 0)
    {
        using var decoder = new BrotliDecoder();
        var most = UnpackedBytesMax + skip;
        var output = new byte[Math.Min(most, Math.Max(4096, packed.Length * 8))];
        var written = 0;
        while (true)
        {
            var status = decoder.Decompress(packed, output.AsSpan(written), out var consumed, out var produced);
            packed = packed[consumed..];
            written += produced;
            switch (status)
            {
                case System.Buffers.OperationStatus.Done when packed.IsEmpty && written >= skip:
                    return output.AsSpan(skip, written - skip);
                case System.Buffers.OperationStatus.DestinationTooSmall when output.Length < most:
                    Array.Resize(ref output, Math.Min(most, output.Length * 4));
                    break;
                case System.Buffers.OperationStatus.DestinationTooSmall:
                    throw new WireException($"The message unpacks to more than {UnpackedBytesMax} bytes.");
                default:
                    throw new WireException("The message is marked as Brotli and is not Brotli.");
            }
        }
    }
}
