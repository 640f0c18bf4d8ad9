using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Explaining;
using SkiaSharp;

namespace EdgeFleet.ModelPrep.Explaining;

/// <summary>Draws an occlusion map over its photo: what does not matter is dimmed, what matters most is outlined. It reads in grey print too.</summary>
public static class OcclusionPicture
{
    private const int SideMax = 1600;
    private const int Quality = 90;
    private const float Dimmest = 0.4f;
    private const float OutlineAt = 0.5f;

    // A picture must not vanish where nothing is left of it.
    private const int SideMin = 224;

    private static readonly SKColor Outline = new(0xFF, 0xB0, 0x00);

    /// <summary>The picture, encoded.</summary>
    /// <param name="image">The photo.</param>
    /// <param name="map">Its map.</param>
    /// <param name="isPng">PNG, else JPEG.</param>
    public static byte[] Draw(PixelBuffer image, OcclusionMap map, bool isPng)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(map);
        using var photo = Copy(image);
        var longer = Math.Max(image.Width, image.Height);
        var factor = longer > SideMax ? (float)SideMax / longer : longer < SideMin ? MathF.Ceiling((float)SideMin / longer) : 1;
        var info = new SKImageInfo(Math.Max(1, (int)(image.Width * factor)), Math.Max(1, (int)(image.Height * factor)), SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var scaled = photo.Resize(info, new SKSamplingOptions(SKFilterMode.Linear));
        Shade(scaled, map);
        using var encoded = scaled.Encode(isPng ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, Quality);
        return encoded.ToArray();
    }

    private static SKBitmap Copy(PixelBuffer image)
    {
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = bitmap.GetPixelSpan();
        image.Rgbx.CopyTo(pixels);
        for (var i = 3; i < pixels.Length; i += 4) pixels[i] = 255;
        return bitmap;
    }

    private static void Shade(SKBitmap picture, OcclusionMap map)
    {
        var (width, height) = (picture.Width, picture.Height);
        var weights = new float[width * height];
        for (var y = 0; y < height; y++)
            for (var x = 0; x < width; x++) weights[(y * width) + x] = map.WeightAt((x + 0.5f) / width, (y + 0.5f) / height);

        var pixels = picture.GetPixelSpan();
        var line = Math.Max(1, Math.Max(width, height) / 300);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var pixel = pixels.Slice(((y * width) + x) * 4, 4);
                if (IsOutline(weights, width, height, x, y, line)) (pixel[0], pixel[1], pixel[2]) = (Outline.Red, Outline.Green, Outline.Blue);
                else for (var c = 0; c < 3; c++) pixel[c] = (byte)(pixel[c] * (Dimmest + ((1 - Dimmest) * weights[(y * width) + x])));
            }
        }
    }

    private static bool IsOutline(float[] weights, int width, int height, int x, int y, int line)
    {
        var isInside = weights[(y * width) + x] >= OutlineAt;
        if (!isInside) return false;
        return Outside(x - line, y) || Outside(x + line, y) || Outside(x, y - line) || Outside(x, y + line);

        bool Outside(int column, int row) => column >= 0 && row >= 0 && column < width && row < height && weights[(row * width) + column] < OutlineAt;
    }
}
