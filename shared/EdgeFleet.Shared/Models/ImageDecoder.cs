using SkiaSharp;

namespace EdgeFleet.Shared.Models;

/// <summary>An image that cannot be used; the text says what is wrong with it.</summary>
public sealed class ImageException(string message) : Exception(message);

/// <summary>Pixels of a decoded image: 4 bytes each (red, green, blue, unused), rows without padding. The buffer is reused by the next decode.</summary>
public sealed class PixelBuffer
{
    /// <summary>Bytes behind the last pixel that vector code may read, for nothing.</summary>
    internal const int PastTheEnd = 64;

    private const int SlackMax = 4;
    private const int WorthShrinking = 1024 * 1024;

    private byte[] _rgbx = new byte[PastTheEnd];

    /// <summary>Width in pixels.</summary>
    public int Width { get; private set; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; private set; }

    /// <summary>The pixels, <c>Width * Height * 4</c> bytes.</summary>
    public Span<byte> Rgbx => _rgbx.AsSpan(0, Width * Height * 4);

    /// <summary>The pixels and the bytes that may be read past them.</summary>
    internal ReadOnlySpan<byte> PaddedRgbx => _rgbx.AsSpan(0, Width * Height * 4 + PastTheEnd);

    /// <summary>Makes room for an image; the content is undefined. A buffer far too large is let go: one giant photo must not be paid for ever after.</summary>
    public void Resize(int width, int height)
    {
        (Width, Height) = (width, height);
        var bytes = width * height * 4;
        if (_rgbx.Length < bytes + PastTheEnd || _rgbx.Length / SlackMax > Math.Max(bytes, WorthShrinking))
            _rgbx = GC.AllocateUninitializedArray<byte>(bytes + PastTheEnd, pinned: true);
    }

    /// <summary>Takes over another image, as a copy.</summary>
    public void CopyFrom(PixelBuffer other)
    {
        Resize(other.Width, other.Height);
        other.Rgbx.CopyTo(Rgbx);
    }
}

/// <summary>JPEG and PNG to pixels. The header is read first: an image with too many pixels is refused before anything is allocated for it.</summary>
public static class ImageDecoder
{
    /// <summary>Most pixels that are decoded.</summary>
    public const int PixelsMax = 50_000_000;

    /// <summary>Decodes an encoded image.</summary>
    /// <exception cref="ImageException">Not a JPEG or PNG, truncated, or too many pixels.</exception>
    public static unsafe void Decode(ReadOnlySpan<byte> encoded, PixelBuffer into)
    {
        if (!IsJpegOrPng(encoded))
            throw new ImageException("It is neither a JPEG nor a PNG.");

        fixed (byte* start = encoded)
        {
            using var data = SKData.Create((nint)start, encoded.Length);
            using var codec = SKCodec.Create(data) ?? throw new ImageException("Its header cannot be read.");
            var (width, height) = (codec.Info.Width, codec.Info.Height);
            if (width < 1 || height < 1 || (long)width * height > PixelsMax)
                throw new ImageException($"It claims {width} x {height} pixels; at most {PixelsMax} are decoded.");

            into.Resize(width, height);
            // Opaque and without a colour space: the bytes as they stand in the file, as training tools read them.
            var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
            fixed (byte* pixels = into.Rgbx)
            {
                var result = codec.GetPixels(info, (nint)pixels, width * 4, SKCodecOptions.Default);
                if (result != SKCodecResult.Success)
                    throw new ImageException($"It is damaged or cut off ({result}).");
            }
        }
    }

    private static bool IsJpegOrPng(ReadOnlySpan<byte> bytes) =>
        bytes is [0xFF, 0xD8, 0xFF, ..] or [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..];
}
