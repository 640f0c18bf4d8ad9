using EdgeFleet.Agent.Hosting;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>How drift is watched. Section <c>Drift</c>; every value has a default that suits a camera in the field.</summary>
internal sealed record DriftOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Drift";

    /// <summary>Samples in a window. Slower sources have shorter windows: as many as come in four times <see cref="WindowMinutes"/>, at least 50.</summary>
    public int WindowSamples { get; init; } = 1000;

    /// <summary>Least length of a full window: of faster sources samples are left out evenly, because near ones say the same.</summary>
    public double WindowMinutes { get; init; } = 60;

    /// <summary>Windows that a baseline is learned from.</summary>
    public int LearnWindows { get; init; } = 100;

    /// <summary>Days after which a baseline is learned although it has fewer windows, if it has <see cref="LearnWindowsMin"/>.</summary>
    public double LearnDays { get; init; } = 7;

    /// <inheritdoc cref="LearnDays"/>
    public int LearnWindowsMin { get; init; } = 30;

    /// <summary>Share of windows without drift that may be taken for drifted, inputs and answers together.</summary>
    public double FalseAlarms { get; init; } = 0.01;

    /// <summary>Windows that must differ, of the last <see cref="Of"/>.</summary>
    public int Seen { get; init; } = 2;

    /// <inheritdoc cref="Seen"/>
    public int Of { get; init; } = 3;

    /// <summary>Hour of the board's local time at which the day segment begins.</summary>
    public int DayBegins { get; init; } = 6;

    /// <summary>Hour at which it ends. The same as <see cref="DayBegins"/>: there is only day.</summary>
    public int DayEnds { get; init; } = 18;

    /// <summary>The vote over windows.</summary>
    public DriftVote Vote => new(Seen, Of);

    /// <summary>Least time between two samples of a window.</summary>
    public TimeSpan Gap => TimeSpan.FromMinutes(WindowMinutes / WindowSamples);

    /// <summary>Samples in a window of a source.</summary>
    public int LengthFor(double samplesPerSecond) => samplesPerSecond > 0 && WindowMinutes > 0
        ? (int)Math.Clamp(samplesPerSecond * 4 * 60 * WindowMinutes, Math.Min(50, WindowSamples), WindowSamples)
        : WindowSamples;

    /// <summary><c>day</c> or <c>night</c>.</summary>
    public string SegmentOf(DateTimeOffset local)
    {
        var hour = local.Hour;
        var isDay = DayBegins == DayEnds || (DayBegins < DayEnds ? hour >= DayBegins && hour < DayEnds : hour >= DayBegins || hour < DayEnds);
        return isDay ? "day" : "night";
    }

    /// <summary>Reads the section.</summary>
    public static DriftOptions Read(ConfigSection section)
    {
        var options = new DriftOptions
        {
            WindowSamples = section.Int("WindowSamples", 1000, 20, 10_000),
            WindowMinutes = section.Number("WindowMinutes", 60, 0, 1440),
            LearnWindows = section.Int("LearnWindows", 100, 10, 1000),
            LearnDays = section.Number("LearnDays", 7, 0, 365),
            LearnWindowsMin = section.Int("LearnWindowsMin", 30, 6, 1000),
            FalseAlarms = section.Number("FalseAlarms", 0.01, 0.0001, 0.2),
            Seen = section.Int("Seen", 2, 1, 20),
            Of = section.Int("Of", 3, 1, 20),
            DayBegins = section.Int("DayBegins", 6, 0, 23),
            DayEnds = section.Int("DayEnds", 18, 0, 23),
        };
        if (options.Seen > options.Of)
            section.Fault("Seen", $"is {options.Seen}, but no more than Of, {options.Of}, can be seen", "2");
        return options;
    }
}
