using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Sources.Live;

namespace EdgeFleet.Agent.Sources.Commands;

/// <summary>A program whose standard output carries images, raw video or lines of readings.</summary>
internal sealed record CommandOptions
{
    /// <summary>JPEG images one after another.</summary>
    public const string Mjpeg = "mjpeg";

    /// <summary>Program: an absolute path, or a name to be found on the PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, as they are: no shell reads them.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Raw video frames when its output is raw video; null otherwise.</summary>
    public RawPixels? Video { get; init; }

    /// <summary>Form of its lines when its output is readings; null otherwise.</summary>
    public ReadingFormat? Lines { get; init; }

    /// <summary>How its lines become windows.</summary>
    public ReadingOptions Readings { get; init; } = new([], 0);

    /// <summary>Seconds without a whole frame or a usable line after which the program is ended and started anew.</summary>
    public int StallSeconds { get; init; } = 30;

    /// <summary>Most bytes of an encoded image or of a line.</summary>
    public int BytesMax { get; init; } = 8 * 1024 * 1024;

    /// <summary>Reads the options.</summary>
    public static CommandOptions Read(ConfigSection section)
    {
        var preset = section.Text("Preset", "");
        var common = new CommandOptions
        {
            Program = "",
            StallSeconds = section.Int("StallSeconds", 30, 2, 3600),
            BytesMax = section.Int("BytesMax", 8 * 1024 * 1024, 1024, 64 * 1024 * 1024),
        };
        return preset.Length > 0 ? CommandPresets.Read(section, preset, common) : ReadOwn(section, common);
    }

    private static CommandOptions ReadOwn(ConfigSection section, CommandOptions common)
    {
        var output = section.OneOf("Output", Mjpeg, Mjpeg, "rgb24", "bgr24", "gray8", "nv12", "yuv420p", "csv", "json");
        var program = section.Required("Program", "\"/usr/bin/ffmpeg\"");
        if (program.Contains('/') && !Path.IsPathRooted(program))
            section.Fault("Program", $"is '{program}', but must be an absolute path or a bare name", "\"/usr/bin/ffmpeg\"");
        var options = common with { Program = program, Arguments = section.List("Arguments", [], "[\"-i\", \"/dev/video0\"]") };
        return output switch
        {
            Mjpeg => options,
            "csv" or "json" => options with
            {
                Lines = output == "csv" ? ReadingFormat.Csv : ReadingFormat.Json,
                Readings = ReadReadings(section),
            },
            _ => options with { Video = ReadVideo(section, output) },
        };
    }

    /// <summary>Reads how readings become windows.</summary>
    public static ReadingOptions ReadReadings(ConfigSection section) =>
        new(section.List("Columns", [], "[\"acceleration\"]"), section.Int("Stride", 0, 0, 1_000_000));

    private static RawPixels ReadVideo(ConfigSection section, string output)
    {
        var format = Enum.Parse<RawFormat>(output, ignoreCase: true);
        var (width, height) = (section.Int("Width", 0, 0, 8192), section.Int("Height", 0, 0, 8192));
        var isHalved = format is RawFormat.Nv12 or RawFormat.Yuv420P;
        var isFullRange = isHalved && section.OneOf("Range", "limited", "limited", "full") == "full";
        Size(section, width, height, isHalved ? 2 : 1);
        return new RawPixels(format, Math.Max(2, width), Math.Max(2, height), isFullRange);
    }

    /// <summary>Notes a size that is missing or does not go with the format.</summary>
    public static void Size(ConfigSection section, int width, int height, int multiple)
    {
        if (width == 0 || height == 0)
            section.Fault("Width", "and Height must both be given for raw video", "\"Width\": 640, \"Height\": 480");
        else if (width % multiple != 0 || height % 2 % multiple != 0)
            section.Fault("Width", $"is {width} and Height {height}, but with these pixels the width must be a multiple of {multiple} and the height even", "\"Width\": 640, \"Height\": 480");
    }
}
