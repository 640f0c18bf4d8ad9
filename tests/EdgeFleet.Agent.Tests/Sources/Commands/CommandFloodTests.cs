using System.Globalization;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Agent.Sources.Live;

namespace EdgeFleet.Agent.Tests.Sources.Commands;

/// <summary>A program that writes faster than anybody reads. It runs when no other test does: the collector counts the bytes of the whole process.</summary>
[Collection(Alone)]
public sealed class CommandFloodTests
{
    private const string Alone = "memory of the whole process";
    private readonly SourceCounters _counters = new();

    [Fact]
    public async Task A_flood_costs_no_memory_and_the_newest_frame_is_read()
    {
        var options = CommandBench.FFmpeg("-f", "lavfi", "-i", "testsrc=size=640x480:rate=1000", "-pix_fmt", "gray", "-f", "rawvideo", "pipe:1") with
        {
            Video = new RawPixels(RawFormat.Gray8, 640, 480, IsFullRange: false),
        };
        using var source = CommandBench.Source(options, _counters);
        await source.SampleAsync(CommandBench.Pictures);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        long last = 0;
        while (_counters.Frames < 2000)
        {
            var sample = await source.SampleAsync(CommandBench.Pictures);
            var number = long.Parse(sample.Origin.Split(' ')[^1], CultureInfo.InvariantCulture);
            Assert.True(number > last, $"{number} after {last}");
            last = number;
        }

        Assert.True(_counters.Dropped > 0, $"{_counters.Dropped} of {_counters.Frames} dropped");
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 4 * 640 * 480 * 4, $"{grown} bytes more after {_counters.Frames} frames");
    }

    /// <summary>Tests that run after all others, one by one.</summary>
    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class NoOthers;
}
