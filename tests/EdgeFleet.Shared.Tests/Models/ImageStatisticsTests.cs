using EdgeFleet.Shared.Models;

namespace EdgeFleet.Shared.Tests.Models;

public sealed class ImageStatisticsTests
{
    private const int Side = 96;
    private readonly ImageStatistics _statistics = new();

    [Fact]
    public void A_plain_picture_has_its_colour_and_nothing_else()
    {
        var v = Of((_, _) => (200, 100, 50));
        Assert.Equal((200, 100, 50), (v(ImageFeatures.Red), v(ImageFeatures.Green), v(ImageFeatures.Blue)));
        Assert.Equal((124, 0), (v(ImageFeatures.Luma), v(ImageFeatures.Contrast)));
        Assert.Equal((124, 124), (v(ImageFeatures.LumaP1), v(ImageFeatures.LumaP99)));
        Assert.Equal((0, 0, 0, 1), (v(ImageFeatures.Dark), v(ImageFeatures.Bright), v(ImageFeatures.Clipped), v(ImageFeatures.Colour)));
        Assert.Equal((0, 0), (v(ImageFeatures.Sharpness), v(ImageFeatures.Detail)));
        Assert.Equal(150.0 / 350, v(ImageFeatures.Warmth), 1e-12);
        Assert.Equal(-25.0 / 350, v(ImageFeatures.Tint), 1e-12);
    }

    [Fact]
    public void A_ramp_has_the_percentiles_and_contrast_of_its_greys()
    {
        var v = Of((x, _) => (byte)(x * 255 / (Side - 1)) is var g ? (g, g, g) : default);
        Assert.Equal(127, v(ImageFeatures.Luma), 3.0);
        Assert.Equal(73, v(ImageFeatures.Contrast), 4.0);
        Assert.InRange(v(ImageFeatures.LumaP5), 5, 25);
        Assert.InRange(v(ImageFeatures.LumaP95), 230, 250);
        Assert.InRange(v(ImageFeatures.Dark), 0.03, 0.1);
        Assert.InRange(v(ImageFeatures.Detail), 4.2, 6);
    }

    [Fact]
    public void Less_light_leaves_sharpness_and_colour_balance_and_a_blur_takes_sharpness_away()
    {
        var random = new Random(3);
        var noise = new byte[Side, Side];
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
                noise[x, y] = (byte)random.Next(60, 200);
        }

        byte Blurred(int x, int y) => (byte)((noise[x, y] + noise[(x + 1) % Side, y] + noise[x, (y + 1) % Side] + noise[(x + 1) % Side, (y + 1) % Side]) / 4);
        var clear = Copy((x, y) => (noise[x, y], (byte)(noise[x, y] * 0.8), (byte)(noise[x, y] * 0.5)));
        var dark = Copy((x, y) => ((byte)(noise[x, y] * 0.5), (byte)(noise[x, y] * 0.4), (byte)(noise[x, y] * 0.25)));
        var blurred = Copy((x, y) => (Blurred(x, y), (byte)(Blurred(x, y) * 0.8), (byte)(Blurred(x, y) * 0.5)));

        Assert.Equal(clear[At(ImageFeatures.Warmth)], dark[At(ImageFeatures.Warmth)], 0.01);
        Assert.Equal(clear[At(ImageFeatures.Sharpness)], dark[At(ImageFeatures.Sharpness)], 0.1);
        Assert.True(dark[At(ImageFeatures.Luma)] < 0.6 * clear[At(ImageFeatures.Luma)]);
        Assert.True(blurred[At(ImageFeatures.Sharpness)] < clear[At(ImageFeatures.Sharpness)] - 1);
    }

    [Fact]
    public void Motion_is_unknown_first_nothing_when_frozen_and_the_difference_when_not()
    {
        Assert.True(double.IsNaN(Of((_, _) => (50, 50, 50))(ImageFeatures.Motion)));
        Assert.Equal(0, Of((_, _) => (50, 50, 50))(ImageFeatures.Motion));
        Assert.Equal(10, Of((_, _) => (60, 60, 60))(ImageFeatures.Motion));
    }

    [Fact]
    public void Pictures_of_any_size_are_measured_and_nothing_is_allocated_for_them()
    {
        foreach (var side in new[] { 1, 2, 3, 8, 63, 64, 65, 224 })
        {
            var row = new byte[side * 4];
            Picture(side, row);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Picture(side, row);
            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
            Assert.All(_statistics.Values.ToArray(), v => Assert.True(double.IsFinite(v)));
        }
    }

    private void Picture(int side, byte[] row)
    {
        _statistics.Begin(side, side);
        for (var y = 0; y < side; y++)
            _statistics.Add(row);
    }

    private static int At(string name) => ImageFeatures.IndexOf(name);

    private double[] Copy(Func<int, int, (byte R, byte G, byte B)> colourAt)
    {
        Of(colourAt);
        return _statistics.Values.ToArray();
    }

    private Func<string, double> Of(Func<int, int, (byte R, byte G, byte B)> colourAt)
    {
        var row = new byte[Side * 4];
        _statistics.Begin(Side, Side);
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
                (row[x * 4], row[x * 4 + 1], row[x * 4 + 2]) = colourAt(x, y);
            _statistics.Add(row);
        }

        return name => _statistics.Values[At(name)];
    }
}
