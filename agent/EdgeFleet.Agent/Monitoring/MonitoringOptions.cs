using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>How long windows and profiles are. Section <c>Monitoring</c>.</summary>
internal sealed record MonitoringOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Monitoring";

    /// <summary>Length of a minute row's window.</summary>
    public int WindowSeconds { get; init; } = 60;

    /// <summary>Length of an hourly profile's span.</summary>
    public int ProfileSeconds { get; init; } = 3600;

    /// <summary>Reads the section.</summary>
    public static MonitoringOptions Read(ConfigSection section) => new()
    {
        WindowSeconds = section.Int("WindowSeconds", 60, 1, 3600),
        ProfileSeconds = section.Int("ProfileSeconds", 3600, 1, 86400),
    };
}
