namespace EdgeFleet.Shared.Messages;

/// <summary>Power and heat of a board as it reports them: what measures, how, and how the board stands. What a board does not have is left out.</summary>
public sealed record ReportedPower
{
    /// <summary>A value of <see cref="Method"/>: readings of power, integrated by trapezoid.</summary>
    public const string Integrated = "trapezoid";

    /// <summary>A value of <see cref="Method"/>: energy counted by the hardware.</summary>
    public const string Counted = "counter";

    /// <summary>A value of <see cref="Method"/>: power estimated by a model, then integrated.</summary>
    public const string Modelled = "model";

    /// <summary>Chip and rails, for example <c>ina3221 VDD_IN</c>; null when there is no sensor.</summary>
    public string? Sensor { get; init; }

    /// <summary><see cref="Integrated"/>, <see cref="Counted"/> or <see cref="Modelled"/>.</summary>
    public string? Method { get; init; }

    /// <summary>Readings a second.</summary>
    public double? Hz { get; init; }

    /// <summary>Why energy is not measured, in a sentence; null when it is.</summary>
    public string? Unavailable { get; init; }

    /// <summary>Module by its device tree, for example <c>Jetson Orin NX or Nano (p3767-0005)</c>.</summary>
    public string? Module { get; init; }

    /// <summary>Power mode, for example <c>15W</c>, or the governor of the clocks.</summary>
    public string? Mode { get; init; }

    /// <summary>Temperature of the hottest place, in whole °C.</summary>
    public int? Celsius { get; init; }

    /// <summary>The hottest place.</summary>
    public string? Hottest { get; init; }

    /// <summary>Why the board slows itself down now, in words like <c>under-voltage</c>; empty when it does not, null where nothing on the board can tell.</summary>
    public IReadOnlyList<string>? Throttled { get; init; }

    /// <summary>Why it did at some time since it started, where it remembers.</summary>
    public IReadOnlyList<string>? ThrottledBefore { get; init; }

    /// <summary>Charge of the battery.</summary>
    public int? BatteryPercent { get; init; }

    /// <summary><c>Charging</c>, <c>Discharging</c>, <c>Full</c>, <c>Not charging</c> or <c>Unknown</c>.</summary>
    public string? BatteryStatus { get; init; }

    /// <summary>Factor on the slots' samples a second; null when it is 1.</summary>
    public double? RateFactor { get; init; }

    /// <summary>Why updates wait; null when they do not.</summary>
    public string? UpdatesWait { get; init; }
}
