using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Tests.Sources.Live;

public sealed class RawVideoTests
{
    [Fact]
    public async Task Frames_have_the_stated_number_of_bytes_wherever_the_stream_is_cut()
    {
        var bench = new LiveBench();
        var cutter = new RawVideoCutter(bench.Latest, frameBytes: 12);

        foreach (var piece in Enumerable.Range(0, 30).Select(i => (byte)i).Chunk(5))
            cutter.Feed(piece);

        Assert.Equal(Enumerable.Range(12, 12).Select(i => (byte)i), await bench.BytesAsync());
        Assert.Equal((2, 1), (cutter.Whole, bench.Counters.Dropped));
        Assert.Contains("6 bytes; a frame of the stated size has 12", cutter.Complaint(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Rgb24", new byte[] { 10, 20, 30 })]
    [InlineData("Bgr24", new byte[] { 30, 20, 10 })]
    public void Packed_pixels_keep_their_values(string format, byte[] pixel)
    {
        var pixels = Convert(format, [.. pixel, .. pixel, .. pixel, .. pixel]);

        Assert.Equal([10, 20, 30, 255], pixels[..4]);
        Assert.Equal([10, 20, 30, 255], pixels[12..]);
    }

    [Fact]
    public void Brightness_alone_is_gray() => Assert.Equal([7, 7, 7, 255, 8, 8, 8, 255, 9, 9, 9, 255, 10, 10, 10, 255], Convert("Gray8", [7, 8, 9, 10]));

    // ITU-R BT.601: black, white, and the primary red of video are at these values.
    [Theory]
    [InlineData(16, 128, 128, 0, 0, 0)]
    [InlineData(235, 128, 128, 255, 255, 255)]
    [InlineData(81, 90, 240, 254, 0, 0)]
    [InlineData(145, 54, 34, 0, 255, 1)]
    [InlineData(41, 240, 110, 0, 0, 255)]
    public void Halved_colours_follow_BT_601(byte y, byte u, byte v, byte red, byte green, byte blue)
    {
        foreach (var pixels in (byte[][])[Convert("Yuv420P", [y, y, y, y, u, v]), Convert("Nv12", [y, y, y, y, u, v])])
        {
            foreach (var pixel in pixels.Chunk(4))
                Assert.All(pixel.Zip([red, green, blue]), p => Assert.InRange(p.First, p.Second - 2, p.Second + 2));
        }
    }

    [Fact]
    public void Full_range_needs_no_stretching() =>
        Assert.Equal([200, 200, 200, 255], new Span<byte>(Convert("Yuv420P", [200, 200, 200, 200, 128, 128], isFullRange: true))[..4].ToArray());

    private static byte[] Convert(string format, byte[] frame, bool isFullRange = false)
    {
        var raw = new RawPixels(Enum.Parse<RawFormat>(format), 2, 2, isFullRange);
        Assert.Equal(frame.Length, raw.FrameBytes);
        var into = new PixelBuffer();
        raw.Convert(frame, into);
        return into.Rgbx.ToArray();
    }
}
