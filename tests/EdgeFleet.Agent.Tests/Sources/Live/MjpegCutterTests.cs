using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Testing.Packages;
using FsCheck.Xunit;

namespace EdgeFleet.Agent.Tests.Sources.Live;

public sealed class MjpegCutterTests
{
    private const int BytesMax = 200_000;
    private readonly LiveBench _bench = new();
    private readonly MjpegCutter _cutter;

    public MjpegCutterTests() => _cutter = new MjpegCutter(_bench.Latest, _bench.Counters, BytesMax);

    [Fact]
    public async Task Images_are_cut_wherever_the_stream_is()
    {
        byte[][] images = [TestImages.NoisyJpeg(40, 30, 1), TestImages.NoisyJpeg(64, 48, 2), TestImages.Jpeg(9, 9, 9)];
        foreach (var size in (int[])[1, 2, 3, 7, 4096])
        {
            foreach (var image in images)
            {
                foreach (var piece in image.Chunk(size))
                    _cutter.Feed(piece);
                Assert.Equal(image, await _bench.BytesAsync());
            }
        }

        Assert.Equal((15, 0), (_cutter.Whole, _bench.Counters.Unusable));
    }

    [Fact]
    public async Task A_thumbnail_inside_an_image_neither_begins_nor_ends_one()
    {
        var image = WithThumbnail(TestImages.NoisyJpeg(40, 30), TestImages.Jpeg(1, 2, 3));

        _cutter.Feed(image);

        Assert.Equal(image, await _bench.BytesAsync());
        Assert.Equal(1, _cutter.Whole);
    }

    [Fact]
    public async Task Multipart_headers_and_noise_between_images_are_left_out()
    {
        var image = TestImages.Jpeg(7, 8, 9);

        _cutter.Feed([.. "--frame\r\nContent-Type: image/jpeg\r\n\r\n"u8, .. image, 0xFF, 0x00, 0xFF, 0xFF, 1, 2, 3, .. image, .. "\r\n--frame"u8]);

        Assert.Equal(image, await _bench.BytesAsync());
        Assert.Equal((2, 0, 1), (_cutter.Whole, _bench.Counters.Unusable, _bench.Counters.Dropped));
    }

    [Fact]
    public async Task An_image_that_is_cut_off_is_counted_and_the_next_one_comes_whole()
    {
        var (first, second) = (TestImages.NoisyJpeg(40, 30), TestImages.Jpeg(1, 200, 3));

        _cutter.Feed([.. first.AsSpan(0, first.Length / 2), .. second]);

        Assert.Equal(second, await _bench.BytesAsync());
        Assert.Equal((1, 1), (_cutter.Whole, _bench.Counters.Unusable));
    }

    [Fact]
    public async Task An_image_without_end_is_given_up_at_the_bound_and_the_next_one_comes()
    {
        var image = TestImages.Jpeg(5, 5, 5);
        var head = image.AsSpan(0, image.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]) + 14).ToArray();
        _cutter.Feed(head);
        for (var i = 0; i < 100; i++)
            _cutter.Feed(new byte[10_000]);
        Assert.Contains("no whole JPEG, 1 broken or larger than 200000", _cutter.Complaint(), StringComparison.Ordinal);

        _cutter.Feed(image);

        Assert.Equal(image, await _bench.BytesAsync());
        Assert.Equal("", _cutter.Complaint());
    }

    [Property]
    public async Task<bool> No_noise_breaks_the_cutter_and_the_image_after_it_is_found(byte[] noise)
    {
        var image = TestImages.Jpeg(7, 8, 9);
        _cutter.Restart();
        _cutter.Feed(noise);
        // Noise may itself look like the head of an image; two whole ones in a row leave it no way out.
        for (var i = 0; i < 80; i++)
            _cutter.Feed(image);

        return (await _bench.BytesAsync()).SequenceEqual(image);
    }

    [Fact]
    public void A_running_stream_allocates_nothing()
    {
        byte[] stream = [.. TestImages.NoisyJpeg(64, 48, 1), .. TestImages.NoisyJpeg(64, 48, 2)];
        for (var i = 0; i < 4; i++)
            _cutter.Feed(stream);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            _cutter.Feed(stream);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // An application segment right after the start, as cameras write it.
    private static byte[] WithThumbnail(byte[] image, byte[] thumbnail)
    {
        var length = thumbnail.Length + 2;
        return [0xFF, 0xD8, 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. thumbnail, .. image.AsSpan(2)];
    }
}
