using System.Globalization;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Sources.Live;

namespace EdgeFleet.Agent.Sources.Commands;

/// <summary>What a preset is asked for.</summary>
/// <param name="Device">Video device, for V4L2.</param>
/// <param name="Url">Address, for RTSP.</param>
/// <param name="Sensor">Number of the camera, for CSI cameras.</param>
/// <param name="Width">Width in pixels; 0 to take what comes, where that is possible.</param>
/// <param name="Height">Height in pixels; likewise.</param>
/// <param name="FramesPerSecond">Frames a second that the program is to give.</param>
internal sealed record PresetWish(string Device, string Url, int Sensor, int Width, int Height, int FramesPerSecond);

/// <summary>Programs and arguments for usual cameras, so that nobody has to find them out on a board.</summary>
internal static class CommandPresets
{
    // GStreamer pads each row of I420 to 4 bytes, also those of the halved colours: with multiples of 8 there is no padding.
    private const int GStreamerMultiple = 8;

    private static readonly string[] Names = ["ffmpeg-v4l2", "ffmpeg-rtsp", "gstreamer-csi", "gstreamer-test", "rpicam-vid"];

    /// <summary>Reads a preset's own keys and expands it.</summary>
    public static CommandOptions Read(ConfigSection section, string preset, CommandOptions common)
    {
        var name = section.OneOf("Preset", Names[0], Names);
        var isSized = name is not "ffmpeg-rtsp";
        var wish = new PresetWish(
            Device: name == "ffmpeg-v4l2" ? section.Text("Device", "/dev/video0") : "",
            Url: name == "ffmpeg-rtsp" ? section.Required("Url", "\"rtsp://camera.local/stream1\"") : "",
            Sensor: name is "gstreamer-csi" or "rpicam-vid" ? section.Int("Sensor", 0, 0, 15) : 0,
            Width: section.Int("Width", isSized ? 640 : 0, 0, 8192),
            Height: section.Int("Height", isSized ? 480 : 0, 0, 8192),
            FramesPerSecond: section.Int("FramesPerSecond", 5, 1, 240));
        if (name == "ffmpeg-rtsp" && wish.Url.Length > 0 && !wish.Url.StartsWith("rtsp://", StringComparison.Ordinal) && !wish.Url.StartsWith("rtsps://", StringComparison.Ordinal))
            section.Fault("Url", $"is '{wish.Url}', but must begin with rtsp:// or rtsps://", "\"rtsp://camera.local/stream1\"");
        if (isSized || wish.Width + wish.Height > 0)
            CommandOptions.Size(section, wish.Width, wish.Height, name.StartsWith("gstreamer", StringComparison.Ordinal) ? GStreamerMultiple : 2);
        return Names.Contains(preset, StringComparer.OrdinalIgnoreCase) ? Expand(name, wish, common) : common with { Program = name };
    }

    /// <summary>Program, arguments and output of a preset.</summary>
    public static CommandOptions Expand(string preset, PresetWish wish, CommandOptions common)
    {
        var (width, height, rate) = (Text(wish.Width), Text(wish.Height), Text(wish.FramesPerSecond));
        return preset switch
        {
            // Most USB cameras compress by themselves: their JPEGs are passed on as they are.
            "ffmpeg-v4l2" => common with
            {
                Program = "ffmpeg",
                Arguments =
                [
                    .. Quiet, "-f", "v4l2", "-input_format", "mjpeg", "-video_size", $"{width}x{height}", "-framerate", rate, "-i", wish.Device,
                    "-c:v", "copy", "-f", "mjpeg", "pipe:1",
                ],
            },
            // TCP, because a lost packet over UDP grays half a picture. With a size the pixels come raw, without another loss by JPEG.
            "ffmpeg-rtsp" => common with
            {
                Program = "ffmpeg",
                Arguments =
                [
                    .. Quiet, "-rtsp_transport", "tcp", "-i", wish.Url, "-an",
                    .. wish.Width > 0
                        ? (string[])["-vf", $"fps={rate},scale={width}:{height}", "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"]
                        : ["-vf", $"fps={rate}", "-c:v", "mjpeg", "-q:v", "3", "-f", "mjpeg", "pipe:1"],
                ],
                Video = wish.Width > 0 ? new RawPixels(RawFormat.Yuv420P, wish.Width, wish.Height, IsFullRange: false) : null,
            },
            "gstreamer-csi" => GStreamer(wish, common, ["nvarguscamerasrc", $"sensor-id={Text(wish.Sensor)}", "!", "video/x-raw(memory:NVMM)", "!", "nvvidconv"]),
            "gstreamer-test" => GStreamer(wish, common, ["videotestsrc", "is-live=true", "!", "videoconvert"]),
            _ => common with
            {
                Program = "rpicam-vid",
                Arguments =
                [
                    "--camera", Text(wish.Sensor), "--nopreview", "--timeout", "0", "--codec", "mjpeg", "--width", width, "--height", height,
                    "--framerate", rate, "--output", "-",
                ],
            },
        };
    }

    private static readonly string[] Quiet = ["-nostdin", "-hide_banner", "-loglevel", "error"];

    private static CommandOptions GStreamer(PresetWish wish, CommandOptions common, string[] source) => common with
    {
        Program = "gst-launch-1.0",
        Arguments =
        [
            "-q", .. source, "!", "videorate", "drop-only=true", "!",
            $"video/x-raw,format=I420,width={Text(wish.Width)},height={Text(wish.Height)},framerate={Text(wish.FramesPerSecond)}/1", "!", "fdsink", "fd=1",
        ],
        Video = new RawPixels(RawFormat.Yuv420P, wish.Width, wish.Height, IsFullRange: false),
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
