using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Power;

/// <summary>Power and heat of the board as they were read last. A value.</summary>
internal sealed record PowerNow
{
    /// <summary>Sensor of power; null when there is none.</summary>
    public PowerSensor? Sensor { get; init; }

    /// <summary>Why energy is not measured, in a sentence; null when it is.</summary>
    public string? Unavailable { get; init; } = "The board was not looked at yet.";

    /// <summary>Readings a second that are asked for.</summary>
    public double Hz { get; init; }

    /// <summary>The newest reading of power in watts.</summary>
    public double? Watts { get; init; }

    /// <summary>Temperatures that could be read.</summary>
    public IReadOnlyList<Temperature> Temperatures { get; init; } = [];

    /// <summary>Words of <see cref="Throttling"/> that hold now; null where nothing on the board can tell.</summary>
    public IReadOnlyList<string>? Throttled { get; init; }

    /// <summary>Words that held at some time since the board started, where it remembers.</summary>
    public IReadOnlyList<string> ThrottledBefore { get; init; } = [];

    /// <summary>Battery; null when there is none.</summary>
    public Battery? Battery { get; init; }

    /// <summary>Clocks of the processor.</summary>
    public CpuClocks Cpu { get; init; } = new(null, null, null);

    /// <summary>The GPU; null when the board has none that says so.</summary>
    public Gpu? Gpu { get; init; }

    /// <summary>Power mode of the board, or its governor; null where neither is known.</summary>
    public string? Mode { get; init; }

    /// <summary>Module, by the device tree.</summary>
    public string? Module { get; init; }

    /// <summary>How it is judged.</summary>
    public PowerStance Stance { get; init; } = PowerStance.Well;

    /// <summary>Factor on the slots' samples a second that follows from it.</summary>
    public double RateFactor { get; init; } = 1;

    /// <summary>Why updates wait; null when they do not.</summary>
    public string? UpdatesWait { get; init; }

    /// <summary>Energy of the last windows, by slot.</summary>
    public IReadOnlyDictionary<SlotName, SlotEnergy> Energy { get; init; } = new Dictionary<SlotName, SlotEnergy>();

    /// <summary>The hottest place; null when no temperature is known.</summary>
    public Temperature? Hottest => Temperatures.Count == 0 ? null : Temperatures.MaxBy(t => t.Celsius);
}

/// <summary>Energy of a slot's last window: the window, or why there is no value.</summary>
internal sealed record SlotEnergy(EnergyWindow? Window, string? Why);
