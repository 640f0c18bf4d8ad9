using EdgeFleet.Shared.Models;
using SkiaSharp;

namespace EdgeFleet.Agent.Alerts;

/// <summary>Makes the small photo that goes with an alert over a poor link, and thins the readings of a sensor.</summary>
internal static class AlertPhoto
{
    /// <summary>Longest side in pixels.</summary>
    public const int SideMax = 640;

    /// <summary>Most bytes.</summary>
    public const int BytesMax = 30 * 1024;

    /// <summary>Most readings.</summary>
    public const int ReadingsMax = 200;

    private static readonly int[] Qualities = [82, 72, 62, 50, 40];

    /// <summary>A JPEG of at most <see cref="BytesMax"/>; empty when the image cannot be decoded, which one that a model has just answered can.</summary>
    public static ReadOnlyMemory<byte> Encode(ReadOnlySpan<byte> image)
    {
        var pixels = new PixelBuffer();
        try
        {
            ImageDecoder.Decode(image, pixels);
        }
        catch (ImageException)
        {
            return default;
        }

        for (var side = SideMax; side >= 80; side = side * 3 / 4)
        {
            using var small = Scale(pixels, side);
            foreach (var quality in Qualities)
            {
                using var data = small.Encode(SKEncodedImageFormat.Jpeg, quality);
                if (data is { Size: <= BytesMax })
                    return data.ToArray();
            }
        }

        return default;
    }

    /// <summary>At most <see cref="ReadingsMax"/> values of the first column of a window, evenly taken, first and last kept.</summary>
    public static IReadOnlyList<float> Thin(ReadOnlySpan<float> window, int channels)
    {
        var length = window.Length / channels;
        var thinned = new float[Math.Min(length, ReadingsMax)];
        for (var i = 0; i < thinned.Length; i++)
        {
            var t = thinned.Length == 1 ? 0 : (int)((long)i * (length - 1) / (thinned.Length - 1));
            thinned[i] = window[t * channels];
        }

        return thinned;
    }

    private static unsafe SKBitmap Scale(PixelBuffer pixels, int side)
    {
        var share = Math.Min(1.0, (double)side / Math.Max(pixels.Width, pixels.Height));
        var (width, height) = (Math.Max(1, (int)Math.Round(pixels.Width * share)), Math.Max(1, (int)Math.Round(pixels.Height * share)));
        var small = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        fixed (byte* start = pixels.Rgbx)
        {
            using var whole = new SKPixmap(new SKImageInfo(pixels.Width, pixels.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), (nint)start);
            using var to = small.PeekPixels();
            whole.ScalePixels(to, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        }

        return small;
    }
}
