using SkiaSharp;

namespace EdgeFleet.Shared.Models;

/// <summary>An image that cannot be used; the text says what is wrong with it.</summary>
public sealed class ImageException(string message) : Exception(message);

/// <summary>
/// JPEG and PNG to pixels. The header is read first: an image with too many pixels is refused before anything is allocated for it. Skia's C functions are called
/// as SkiaSharp calls them, without its wrapper objects, so that a decoded frame leaves nothing for the collector.
/// </summary>
public static unsafe class ImageDecoder
{
    /// <summary>Most pixels that are decoded.</summary>
    public const int PixelsMax = 50_000_000;

    /// <summary>Decodes an encoded image.</summary>
    /// <exception cref="ImageException">Not a JPEG or PNG, truncated, or too many pixels.</exception>
    public static void Decode(ReadOnlySpan<byte> encoded, PixelBuffer into)
    {
        if (!IsJpegOrPng(encoded))
            throw new ImageException("It is neither a JPEG nor a PNG.");

        fixed (byte* start = encoded)
        {
            var data = SkiaCodec.NewData(start, (nuint)encoded.Length, null, null);
            var codec = SkiaCodec.NewCodec(data);
            SkiaCodec.Unref(data);
            if (codec == 0)
                throw new ImageException("Its header cannot be read.");

            try
            {
                Decode(codec, into);
            }
            finally
            {
                SkiaCodec.Destroy(codec);
            }
        }
    }

    private static void Decode(nint codec, PixelBuffer into)
    {
        SkiaCodec.GetInfo(codec, out var info);
        var (width, height) = (info.Width, info.Height);
        if (width < 1 || height < 1 || (long)width * height > PixelsMax)
            throw new ImageException($"It claims {width} x {height} pixels; at most {PixelsMax} are decoded.");

        into.Resize(width, height);
        // Without a colour space: the bytes as they stand in the file, as training tools read them.
        var wanted = new SkiaCodec.Info(0, width, height, SkiaCodec.Rgba8888, SkiaCodec.Unpremultiplied);
        fixed (byte* pixels = into.Rgbx)
        {
            var result = SkiaCodec.GetPixels(codec, in wanted, pixels, (nuint)width * 4, null);
            if (result != SkiaCodec.Success)
                throw new ImageException($"It is damaged or cut off ({(SKCodecResult)result}).");
        }
    }

    private static bool IsJpegOrPng(ReadOnlySpan<byte> bytes) =>
        bytes is [0xFF, 0xD8, 0xFF, ..] or [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..];
}
