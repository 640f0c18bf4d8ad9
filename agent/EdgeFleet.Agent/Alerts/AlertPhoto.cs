using EdgeFleet.Agent.Inference;
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

    /// <summary>Copies what a photo or readings are later made of. Raw pixels are copied no larger than the photo will be: a full frame has megabytes.</summary>
    public static void Keep(Sample sample, Sample into)
    {
        if (sample.Kind != SampleKind.Pixels || Math.Max(sample.Pixels.Width, sample.Pixels.Height) <= SideMax)
        {
            into.CopyFrom(sample);
            return;
        }

        into.CopyFrom(sample, withPixels: false);
        ScaleInto(sample.Pixels, SideMax, into.Pixels);
    }

    /// <summary>A JPEG of at most <see cref="BytesMax"/>; empty for a sample that is no image or cannot be decoded, which one that a model has just answered can.</summary>
    public static ReadOnlyMemory<byte> Encode(Sample sample) => sample.Kind switch
    {
        SampleKind.Pixels => Encode(sample.Pixels),
        SampleKind.Image => Encode(sample.Image),
        _ => default,
    };

    /// <summary>A JPEG of at most <see cref="BytesMax"/>; empty when the image cannot be decoded.</summary>
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

        return Encode(pixels);
    }

    /// <summary>A JPEG of a whole frame in its own size, for a person at the board.</summary>
    public static byte[] EncodeWhole(PixelBuffer pixels)
    {
        using var data = Jpeg(pixels, Qualities[0]);
        return data?.ToArray() ?? [];
    }

    private static ReadOnlyMemory<byte> Encode(PixelBuffer pixels)
    {
        var small = new PixelBuffer();
        for (var side = SideMax; side >= 80; side = side * 3 / 4)
        {
            ScaleInto(pixels, side, small);
            foreach (var quality in Qualities)
            {
                using var data = Jpeg(small, quality);
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

    private static void ScaleInto(PixelBuffer pixels, int side, PixelBuffer small)
    {
        var share = Math.Min(1.0, (double)side / Math.Max(pixels.Width, pixels.Height));
        small.Resize(Math.Max(1, (int)Math.Round(pixels.Width * share)), Math.Max(1, (int)Math.Round(pixels.Height * share)));
        WithPixmap(pixels, from => WithPixmap(small, to => from.ScalePixels(to, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear))));
    }

    private static SKData? Jpeg(PixelBuffer pixels, int quality) => WithPixmap(pixels, map => map.Encode(SKEncodedImageFormat.Jpeg, quality));

    // The fourth byte of a pixel means nothing.
    private static unsafe T WithPixmap<T>(PixelBuffer pixels, Func<SKPixmap, T> use)
    {
        fixed (byte* start = pixels.Rgbx)
        {
            using var map = new SKPixmap(new SKImageInfo(pixels.Width, pixels.Height, SKColorType.Rgba8888, SKAlphaType.Opaque), (nint)start);
            return use(map);
        }
    }
}
