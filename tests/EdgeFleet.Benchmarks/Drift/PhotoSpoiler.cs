using SkiaSharp;

namespace EdgeFleet.Benchmarks.Drift;

/// <summary>Makes clean photos into such as a worse camera would give, and encodes all of them, the clean ones too, in the same way.</summary>
internal static class PhotoSpoiler
{
    private const int Quality = 95;

    public static byte[] Clean(byte[] photo) => Map(photo, (r, g, b) => (r, g, b));

    public static byte[] Darkened(byte[] photo) => Map(photo, (r, g, b) => (r * 0.6f, g * 0.6f, b * 0.6f));

    public static byte[] Warm(byte[] photo) => Map(photo, (r, g, b) => (r * 1.1f, g, b * 0.8f));

    public static byte[] Blurred(byte[] photo)
    {
        using var bitmap = SKBitmap.Decode(photo);
        using var surface = SKSurface.Create(new SKImageInfo(bitmap.Width, bitmap.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var paint = new SKPaint { ImageFilter = SKImageFilter.CreateBlur(2, 2, SKShaderTileMode.Clamp) };
        using var whole = SKImage.FromBitmap(bitmap);
        surface.Canvas.DrawImage(whole, 0, 0, SKSamplingOptions.Default, paint);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return data.ToArray();
    }

    private static byte[] Map(byte[] photo, Func<float, float, float, (float R, float G, float B)> map)
    {
        using var bitmap = SKBitmap.Decode(photo, InfoOf(photo));
        var pixels = bitmap.GetPixelSpan().ToArray();
        for (var i = 0; i < pixels.Length; i += 4)
        {
            var (r, g, b) = map(pixels[i], pixels[i + 1], pixels[i + 2]);
            (pixels[i], pixels[i + 1], pixels[i + 2]) = (Byte(r), Byte(g), Byte(b));
        }

        using var image = SKImage.FromPixelCopy(bitmap.Info, pixels);
        using var data = image.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return data.ToArray();
    }

    private static SKImageInfo InfoOf(byte[] photo)
    {
        using var stream = new SKMemoryStream(photo);
        using var codec = SKCodec.Create(stream);
        return new SKImageInfo(codec.Info.Width, codec.Info.Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
    }

    private static byte Byte(float value) => (byte)Math.Clamp(MathF.Round(value), 0, 255);
}
