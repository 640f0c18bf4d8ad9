using EdgeFleet.Shared.Models;
using SkiaSharp;

namespace EdgeFleet.Shared.Tests.Models;

public sealed class ImagePreparerTests
{
    private static InputSpec Spec(int size, string layout = "NCHW", string order = "RGB", bool antialias = false) => new()
    {
        Kind = "image",
        Tensor = "x",
        Layout = layout,
        Width = size,
        Height = size,
        ColourOrder = order,
        Resize = new ResizeSpec { Antialias = antialias },
        Scale = [1, 1, 1],
        Offset = [0, 0, 0],
    };

    private static PixelBuffer Pixels(int width, int height, Func<int, int, (byte R, byte G, byte B)> colour)
    {
        var pixels = new PixelBuffer();
        pixels.Resize(width, height);
        for (var i = 0; i < width * height; i++)
            (pixels.Rgbx[4 * i], pixels.Rgbx[4 * i + 1], pixels.Rgbx[4 * i + 2]) = colour(i % width, i / width);
        return pixels;
    }

    private static float[] Prepare(InputSpec spec, PixelBuffer pixels)
    {
        var tensor = new float[spec.Elements];
        new ImagePreparer(spec).Prepare(pixels, tensor);
        return tensor;
    }

    [Fact]
    public void The_same_size_keeps_every_pixel()
    {
        var tensor = Prepare(Spec(3), Pixels(3, 3, (x, y) => ((byte)(x * 10), (byte)(y * 10), 7)));
        Assert.Equal([0, 10, 20, 0, 10, 20, 0, 10, 20], tensor[..9]);
        Assert.Equal([0, 0, 0, 10, 10, 10, 20, 20, 20], tensor[9..18]);
    }

    [Fact]
    public void Layout_and_colour_order_place_the_channels()
    {
        var pixels = Pixels(2, 2, (_, _) => (1, 2, 3));
        Assert.Equal([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3], Prepare(Spec(2), pixels));
        Assert.Equal([3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1], Prepare(Spec(2, order: "BGR"), pixels));
        Assert.Equal([1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], Prepare(Spec(2, layout: "NHWC"), pixels));
    }

    // Half-pixel centres: doubling 0, 100 gives 0, 25, 75, 100.
    [Fact]
    public void Growing_mixes_neighbours_at_half_pixel_centres() =>
        Assert.Equal([0, 25, 75, 100], Prepare(Spec(4), Pixels(2, 2, (x, _) => ((byte)(x * 100), 0, 0)))[..4]);

    [Fact]
    public void Shrinking_with_antialias_sees_every_pixel_and_without_it_does_not()
    {
        var stripes = Pixels(64, 64, (x, _) => x % 8 == 0 ? ((byte)240, (byte)0, (byte)0) : ((byte)0, (byte)0, (byte)0));
        Assert.Equal(30, Prepare(Spec(8, antialias: true), stripes)[..8].Average(), 4.0);
        Assert.Equal(0, Prepare(Spec(8), stripes)[..8].Average(), 1.0);
    }

    [Fact]
    public void Features_are_those_of_the_resized_image()
    {
        var preparer = new ImagePreparer(Spec(8));
        preparer.Prepare(Pixels(16, 16, (_, _) => (10, 20, 30)), new float[Spec(8).Elements]);
        Assert.Equal([10.0, 20.0, 30.0], preparer.Features[..3].ToArray());
    }

    [Fact]
    public void One_instance_serves_images_of_changing_size()
    {
        var preparer = new ImagePreparer(Spec(5));
        var tensor = new float[Spec(5).Elements];
        foreach (var size in new[] { 9, 3, 5, 100, 1 })
        {
            preparer.Prepare(Pixels(size, size + 1, (_, _) => (9, 9, 9)), tensor);
            Assert.All(tensor, v => Assert.Equal(9, v));
        }
    }

    [Fact]
    public void Damaged_images_are_refused_with_a_reason()
    {
        using var bitmap = new SKBitmap(64, 64);
        using var jpeg = bitmap.Encode(SKEncodedImageFormat.Jpeg, 90);
        var whole = jpeg.ToArray();
        var into = new PixelBuffer();
        ImageDecoder.Decode(whole, into);
        Assert.Equal((64, 64), (into.Width, into.Height));
        Assert.Throws<ImageException>(() => ImageDecoder.Decode(whole.AsSpan(0, whole.Length / 3), into));
        Assert.Throws<ImageException>(() => ImageDecoder.Decode([], into));
        Assert.Contains("neither", Assert.Throws<ImageException>(() => ImageDecoder.Decode("GIF89a..."u8, into)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    [InlineData(SKEncodedImageFormat.Png)]
    public void Pixels_are_those_of_SkiaSharps_own_objects_and_decoding_allocates_nothing(SKEncodedImageFormat format)
    {
        using var drawn = new SKBitmap(new SKImageInfo(53, 31, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var i = 0; i < 53 * 31; i++)
            drawn.SetPixel(i % 53, i / 53, new SKColor((byte)(i % 256), (byte)(i / 7), (byte)(255 - i % 200)));
        using var encoded = drawn.Encode(format, 90);
        using var codec = SKCodec.Create(encoded);
        using var expected = new SKBitmap(new SKImageInfo(53, 31, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        Assert.Equal(SKCodecResult.Success, codec.GetPixels(expected.Info, expected.GetPixels()));
        var (bytes, into) = (encoded.ToArray(), new PixelBuffer());
        ImageDecoder.Decode(bytes, into);
        Assert.True(expected.GetPixelSpan().SequenceEqual(into.Rgbx));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            ImageDecoder.Decode(bytes, into);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_bomb_of_pixels_is_refused_by_its_header()
    {
        // A PNG header of 60,000 x 60,000 pixels: 14 GB if it were believed.
        byte[] png = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 2, 0, 0, 0];
        byte[] bomb = [.. png, .. BitConverter.GetBytes(Crc32(png.AsSpan(12))).Reverse(), 0, 0, 0, 1, .. "IDAT"u8, 0, 0, 0, 0, 0];
        Assert.Contains("60000 x 60000", Assert.Throws<ImageException>(() => ImageDecoder.Decode(bomb, new PixelBuffer())).Message, StringComparison.Ordinal);
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFFu;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320u : crc >> 1;
        }

        return ~crc;
    }
}
