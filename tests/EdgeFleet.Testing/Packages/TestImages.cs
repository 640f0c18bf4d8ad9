using SkiaSharp;

namespace EdgeFleet.Testing.Packages;

/// <summary>Real encoded pictures for tests.</summary>
public static class TestImages
{
    /// <summary>A JPEG of one colour.</summary>
    public static byte[] Jpeg(byte red, byte green, byte blue, int width = 16, int height = 16) =>
        Encode(width, height, SKEncodedImageFormat.Jpeg, (_, _) => new SKColor(red, green, blue));

    /// <summary>A PNG of one colour.</summary>
    public static byte[] Png(byte red, byte green, byte blue, int width = 16, int height = 16) =>
        Encode(width, height, SKEncodedImageFormat.Png, (_, _) => new SKColor(red, green, blue));

    /// <summary>A JPEG that packs badly: noise of a seed, with a hue.</summary>
    public static byte[] NoisyJpeg(int width, int height, int seed = 1)
    {
        var random = new Random(seed);
        return Encode(width, height, SKEncodedImageFormat.Jpeg, (_, _) => new SKColor((byte)random.Next(180, 256), (byte)random.Next(100), (byte)random.Next(100)));
    }

    /// <summary>A PNG of 128 pixels a side with squares of 32 on a dark ground, as the sample detector looks for.</summary>
    public static byte[] Squares(params (SKColor Colour, int Left, int Top)[] squares) => Encode(128, 128, SKEncodedImageFormat.Png, (x, y) =>
        squares.Where(s => x >= s.Left && x < s.Left + 32 && y >= s.Top && y < s.Top + 32).Select(s => s.Colour).DefaultIfEmpty(new SKColor(30, 30, 30)).First());

    private static byte[] Encode(int width, int height, SKEncodedImageFormat format, Func<int, int, SKColor> colourAt)
    {
        using var bitmap = new SKBitmap(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                bitmap.SetPixel(x, y, colourAt(x, y));
        }

        using var data = bitmap.Encode(format, 95);
        return data.ToArray();
    }
}
