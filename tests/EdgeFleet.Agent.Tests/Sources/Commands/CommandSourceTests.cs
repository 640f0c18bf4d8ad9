using System.Globalization;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Agent.Sources.Live;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Agent.Tests.Sources.Commands;

public sealed class CommandSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly SourceCounters _counters = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Frames_of_ffmpegs_test_picture_come_as_whole_JPEGs()
    {
        using var source = CommandBench.Source(CommandBench.FFmpeg("-re", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=25", "-f", "mjpeg", "pipe:1"), _counters);
        var pixels = new PixelBuffer();

        for (var i = 0; i < 5; i++)
        {
            var sample = await source.SampleAsync(CommandBench.Pictures);
            ImageDecoder.Decode(sample.Image, pixels);
            Assert.Equal((320, 240), (pixels.Width, pixels.Height));
            Assert.StartsWith("ffmpeg frame ", sample.Origin, StringComparison.Ordinal);
        }

        Assert.Equal(0, _counters.Unusable);
    }

    [Theory]
    [InlineData("rgb24")]
    [InlineData("bgr24")]
    [InlineData("nv12")]
    [InlineData("yuv420p")]
    public async Task Raw_frames_of_ffmpeg_have_its_colours(string name)
    {
        var options = CommandBench.FFmpeg("-f", "lavfi", "-i", "color=c=0xC86432:size=64x48:rate=25", "-pix_fmt", name, "-f", "rawvideo", "pipe:1") with
        {
            Video = new RawPixels(Enum.Parse<RawFormat>(name, ignoreCase: true), 64, 48, IsFullRange: false),
        };
        using var source = CommandBench.Source(options);

        var sample = await source.SampleAsync(CommandBench.Pictures);

        Assert.Equal(SampleKind.Pixels, sample.Kind);
        var (red, green, blue) = CommandBench.Means(sample.Pixels);
        Assert.True(Math.Abs(red - 0xC8) < 3 && Math.Abs(green - 0x64) < 3 && Math.Abs(blue - 0x32) < 3, $"{red} {green} {blue}");
    }

    [Theory]
    [InlineData("echo time,x; i=0; while :; do i=$((i+1)); echo $i,$i.5; sleep 0.01; done", false)]
    [InlineData("i=0; while :; do i=$((i+1)); echo \"{\\\"x\\\":$i.5}\"; sleep 0.01; done", true)]
    public async Task Lines_of_a_program_become_windows(string script, bool isJson)
    {
        using var source = CommandBench.Source(CommandBench.Script(script, isJson ? ReadingFormat.Json : ReadingFormat.Csv));

        var window = await source.SampleAsync(CommandBench.Series(3, "x"));

        var first = window.Window[0];
        Assert.Equal((float[])[first, first + 1, first + 2], window.Window.ToArray());
        Assert.Equal(0.5f, first % 1);
    }

    [Fact]
    public async Task A_program_that_dies_is_told_with_its_last_words_and_started_again()
    {
        var script = $"echo x >> {_folder["starts"]}; echo \"the sensor is busy\" >&2; [ $(wc -l < {_folder["starts"]}) -ge 2 ] && {{ while :; do echo 1; sleep 0.01; done; }}; exit 3";
        using var source = CommandBench.Source(CommandBench.Script(script, ReadingFormat.Csv), _counters);

        var stall = await source.StallAsync(CommandBench.Series(2, "x"));
        var window = await source.SampleAsync(CommandBench.Series(2, "x"));

        Assert.Equal("sh ended with code 3. It said: the sensor is busy", stall.Why);
        Assert.True(stall.ComesByItself);
        Assert.Equal((float[])[1, 1], window.Window.ToArray());
        Assert.Equal(1, _counters.Restarts);
    }

    [Fact]
    public async Task A_program_that_stalls_is_ended_with_all_that_it_started()
    {
        // The shell takes no notice of Ctrl-C, and a grandchild holds the output open.
        var script = $"trap '' INT; sleep 1000 & echo $! > {_folder["pids"]}; echo $$ >> {_folder["pids"]}; echo 1; echo 2; wait";
        using var source = CommandBench.Source(CommandBench.Script(script, ReadingFormat.Csv) with { StallSeconds = 2 }, _counters);
        var series = CommandBench.Series(2, "x");
        await source.SampleAsync(series);
        var stall = await source.StallAsync(series);

        Assert.Contains("gave nothing usable for 2 s and was ended. It sent nothing.", stall.Why, StringComparison.Ordinal);
        // A signal is delivered when the kernel comes to it.
        var pids = await File.ReadAllLinesAsync(_folder["pids"]);
        await Eventually.IsAsync(() => pids.All(IsGone), $"the end of processes {string.Join(", ", pids)}", TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Rubbish_is_counted_bounded_and_quoted()
    {
        using var source = CommandBench.Source(CommandBench.Script("while :; do head -c 100000 /dev/zero; done", ReadingFormat.Csv) with { BytesMax = 1024, StallSeconds = 2 }, _counters);
        var stall = await source.StallAsync(CommandBench.Series(2, "x"));

        Assert.Contains("gave nothing usable", stall.Why, StringComparison.Ordinal);
        Assert.Equal(0, _counters.Frames);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_a_stall_that_ends_when_it_is_installed()
    {
        var program = _folder["camera"];
        using var source = CommandBench.Source(new CommandOptions { Program = program, Lines = ReadingFormat.Csv });
        var series = CommandBench.Series(2, "x");

        Assert.Equal($"There is no program '{program}' that may be run.", (await source.StallAsync(series)).Why);
        await File.WriteAllTextAsync(program, "#!/bin/sh\nwhile :; do echo 4; sleep 0.01; done\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal((float[])[4, 4], (await source.SampleInTheEndAsync(series)).Window.ToArray());
    }

    [Fact]
    public async Task Arguments_reach_the_program_as_they_are()
    {
        const string Nasty = "$(touch /tmp/never); a'b\"c *";
        var options = CommandBench.Script("printf '%s\\n' \"$1\" >&2; exit 1", ReadingFormat.Csv);
        using var source = CommandBench.Source(options with { Arguments = [.. options.Arguments, "sh", Nasty] });

        Assert.EndsWith($"It said: {Nasty}", (await source.StallAsync(CommandBench.Series(2, "x"))).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_of_another_kind_is_named_and_nothing_is_started()
    {
        using var images = CommandBench.Source(CommandBench.Script($"touch {_folder["started"]}"));
        using var lines = CommandBench.Source(CommandBench.Script("", ReadingFormat.Csv) with { Readings = new ReadingOptions(["time", "y"], 0) });

        Assert.Contains("gives images, and the model takes series", (await images.StallAsync(CommandBench.Series(2, "x"))).Why, StringComparison.Ordinal);
        Assert.Contains("gives readings, and the model takes image", (await lines.StallAsync(CommandBench.Pictures)).Why, StringComparison.Ordinal);
        Assert.Contains("takes 'x'; the slot's Columns are 'time', 'y'", (await lines.StallAsync(CommandBench.Series(2, "x"))).Why, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["started"]));
    }

    // A zombie of somebody else's is gone too.
    private static bool IsGone(string pid) =>
        !File.Exists($"/proc/{pid}/stat") || File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1].StartsWith('Z');
}
