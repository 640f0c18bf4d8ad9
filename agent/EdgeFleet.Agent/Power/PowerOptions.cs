using EdgeFleet.Agent.Hosting;

namespace EdgeFleet.Agent.Power;

/// <summary>How power is measured and what heat, throttling and a low battery do. Section <c>Power</c>.</summary>
internal sealed record PowerOptions
{
    /// <summary>Section of the configuration.</summary>
    public const string Section = "Power";

    /// <summary><c>auto</c>, <c>none</c>, <c>ina3221</c>, <c>pmic</c>, <c>rapl</c>, <c>psys</c>, or the name of a hwmon chip that feeds the board.</summary>
    public string Sensor { get; init; } = "auto";

    /// <summary>Readings of power a second; a sensor may be slower.</summary>
    public int SampleHz { get; init; } = 10;

    /// <summary>Seconds between looks at temperature, throttling and battery.</summary>
    public double PollSeconds { get; init; } = 5;

    /// <summary>Temperature of the hottest place from which the board is hot: before Raspberry Pis (80 to 85) and Jetsons (95 and up) slow themselves down.</summary>
    public double HotCelsius { get; init; } = 80;

    /// <summary>Temperature below which it is no longer hot.</summary>
    public double CoolCelsius { get; init; } = 72;

    /// <summary>Charge up to which a discharging battery is low, in percent.</summary>
    public int BatteryLowPercent { get; init; } = 20;

    /// <summary>Charge from which it is no longer low.</summary>
    public int BatteryOkPercent { get; init; } = 30;

    /// <summary>Factor on the slots' samples a second while the board is hot, throttled or low on battery; 1 leaves them, 0 pauses them.</summary>
    public double RateFactor { get; init; } = 0.5;

    /// <summary>Whether updates wait meanwhile. Going back to the previous model never does.</summary>
    public bool HoldUpdates { get; init; } = true;

    /// <summary>For how long a strain must be seen before it counts, in seconds.</summary>
    public double RaiseSeconds { get; init; } = 5;

    /// <summary>For how long it must be gone before it no longer counts, in seconds.</summary>
    public double ClearSeconds { get; init; } = 60;

    /// <summary>Folder below which <c>sys</c> and <c>proc</c> of the board are; another than <c>/</c> only in containers and trials.</summary>
    public string Root { get; init; } = "/";

    /// <summary>Reads the section; every mistake is noted.</summary>
    public static PowerOptions Read(ConfigSection section)
    {
        var options = new PowerOptions
        {
            Sensor = section.Text("Sensor", "auto"),
            SampleHz = section.Int("SampleHz", 10, 1, 100),
            PollSeconds = section.Number("PollSeconds", 5, 0.1, 300),
            HotCelsius = section.Number("HotCelsius", 80, 30, 120),
            CoolCelsius = section.Number("CoolCelsius", 72, 0, 120),
            BatteryLowPercent = section.Int("BatteryLowPercent", 20, 0, 100),
            BatteryOkPercent = section.Int("BatteryOkPercent", 30, 0, 100),
            RateFactor = section.Number("RateFactor", 0.5, 0, 1),
            HoldUpdates = section.Flag("HoldUpdates", true),
            RaiseSeconds = section.Number("RaiseSeconds", 5, 0, 3600),
            ClearSeconds = section.Number("ClearSeconds", 60, 0, 86400),
            Root = section.Text("Root", "/"),
        };
        if (options.CoolCelsius >= options.HotCelsius)
            section.Fault("CoolCelsius", FormattableString.Invariant($"is {options.CoolCelsius}, but must be below HotCelsius ({options.HotCelsius})"), "72");
        if (options.BatteryOkPercent <= options.BatteryLowPercent)
            section.Fault("BatteryOkPercent", $"is {options.BatteryOkPercent}, but must be above BatteryLowPercent ({options.BatteryLowPercent})", "30");
        if (!Directory.Exists(options.Root))
            section.Fault("Root", $"is '{options.Root}', which is not there", "\"/\"");
        return options;
    }
}
