using System.Net;
using System.Net.Sockets;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Sources.Commands;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Agent.Tests.Sources.Commands;

public sealed class PresetTests
{
    private static readonly CommandOptions Common = new() { Program = "" };

    [Theory]
    [InlineData("ffmpeg-v4l2", "ffmpeg -nostdin -hide_banner -loglevel error -f v4l2 -input_format mjpeg -video_size 640x480 -framerate 5 -i /dev/video0 -c:v copy -f mjpeg pipe:1")]
    [InlineData("gstreamer-csi", "gst-launch-1.0 -q nvarguscamerasrc sensor-id=1 ! video/x-raw(memory:NVMM) ! nvvidconv ! videorate drop-only=true ! video/x-raw,format=I420,width=640,height=480,framerate=5/1 ! fdsink fd=1")]
    [InlineData("rpicam-vid", "rpicam-vid --camera 1 --nopreview --timeout 0 --codec mjpeg --width 640 --height 480 --framerate 5 --output -")]
    public void A_preset_is_a_program_with_arguments(string preset, string expected)
    {
        var options = CommandPresets.Expand(preset, new PresetWish("/dev/video0", "", 1, 640, 480, 5), Common);

        Assert.Equal(expected, string.Join(' ', options.Arguments.Prepend(options.Program)));
        Assert.Equal(preset == "gstreamer-csi", options.Video is not null);
    }

    [Fact]
    public async Task GStreamers_test_picture_comes_in_its_size_and_colours()
    {
        Assert.SkipUnless(ProgramPath.Find("gst-launch-1.0", Environment.GetEnvironmentVariable("PATH")) is not null, "gst-launch-1.0 is not on this machine.");
        using var source = CommandBench.Source(CommandPresets.Expand("gstreamer-test", new PresetWish("", "", 0, 320, 240, 10), Common));

        var sample = await source.SampleAsync(CommandBench.Pictures);

        Assert.Equal((SampleKind.Pixels, 320, 240), (sample.Kind, sample.Pixels.Width, sample.Pixels.Height));
        // The SMPTE bars begin white, then yellow.
        Assert.All(sample.Pixels.Rgbx[..3].ToArray(), v => Assert.InRange(v, 250, 255));
        var yellow = sample.Pixels.Rgbx.Slice(4 * 70, 3).ToArray();
        Assert.True(yellow[0] > 250 && yellow[1] > 250 && yellow[2] < 6, string.Join(',', yellow));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(160, 120)]
    public async Task A_camera_that_speaks_RTSP_is_read(int width, int height)
    {
        using var folder = new TempFolder();
        var url = $"rtsp://127.0.0.1:{FreePort()}/live";
        var options = CommandPresets.Expand("ffmpeg-rtsp", new PresetWish("", url, 0, width, height, 10), Common);
        // The preset as it is, but for the roles: here it listens, and the camera pushes.
        var at = options.Arguments.ToList().IndexOf("-i");
        options = options with { Arguments = [.. options.Arguments.Take(at), "-rtsp_flags", "listen", .. options.Arguments.Skip(at)] };
        await using var camera = LocalProcess.Start(
            ["sh", "-c", $"while :; do ffmpeg -nostdin -loglevel error -re -f lavfi -i color=c=0x3264C8:size=320x240:rate=10 -c:v mpeg4 -f rtsp -rtsp_transport tcp {url}; done"],
            folder["camera.log"]);
        using var source = CommandBench.Source(options);

        var sample = await source.SampleInTheEndAsync(CommandBench.Pictures);

        if (sample.Kind == SampleKind.Image)
            ImageDecoder.Decode(sample.Image, sample.Pixels);
        Assert.Equal(width > 0 ? (width, height) : (320, 240), (sample.Pixels.Width, sample.Pixels.Height));
        var (red, green, blue) = CommandBench.Means(sample.Pixels);
        Assert.True(Math.Abs(red - 0x32) < 12 && Math.Abs(green - 0x64) < 12 && Math.Abs(blue - 0xC8) < 12, $"{red} {green} {blue}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
