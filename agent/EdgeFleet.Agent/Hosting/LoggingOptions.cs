using Serilog.Events;

namespace EdgeFleet.Agent.Hosting;

/// <summary>How much is logged. Section <c>Logging</c>.</summary>
internal sealed record LoggingOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Logging";

    /// <summary>Least level that is written.</summary>
    public required LogEventLevel Level { get; init; }

    /// <summary>Size at which a log file is closed and the next begun.</summary>
    public required int FileSizeMb { get; init; }

    /// <summary>Log files kept; the oldest is deleted. Together with <see cref="FileSizeMb"/> the most disk that logs take.</summary>
    public required int FilesMax { get; init; }

    /// <summary>Reads the section.</summary>
    public static LoggingOptions Read(ConfigSection section) => new()
    {
        Level = Enum.Parse<LogEventLevel>(section.OneOf("Level", "Information", "Verbose", "Debug", "Information", "Warning", "Error", "Fatal")),
        FileSizeMb = section.Int("FileSizeMb", 4, 1, 1024),
        FilesMax = section.Int("FilesMax", 6, 1, 1000),
    };
}
