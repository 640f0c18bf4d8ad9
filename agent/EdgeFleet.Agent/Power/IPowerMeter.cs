namespace EdgeFleet.Agent.Power;

/// <summary>Something on the board that measures its power or its energy. One caller at a time.</summary>
internal interface IPowerMeter : IDisposable
{
    /// <summary>What it is.</summary>
    PowerSensor Sensor { get; }

    /// <summary>Reads it: watts, or for <see cref="PowerMethod.Counter"/> the joules since it was opened.</summary>
    /// <returns>False when it could not be read; <see cref="Fault"/> says why.</returns>
    bool TryRead(out double value);

    /// <summary>Why the last reading failed; null when it did not.</summary>
    string? Fault { get; }
}

/// <summary>A sensor of power.</summary>
/// <param name="Name">Chip and rails, for example <c>ina3221 VDD_IN</c>.</param>
/// <param name="Method">How energy comes from its readings.</param>
/// <param name="Resolution">Smallest step of a reading: watts, or joules of a counter.</param>
/// <param name="PeriodMin">Readings closer than this tell nothing new or cost too much.</param>
internal sealed record PowerSensor(string Name, PowerMethod Method, double Resolution, TimeSpan PeriodMin);

/// <summary>How energy comes from readings.</summary>
internal enum PowerMethod
{
    /// <summary>Power is read and integrated by trapezoid between monotonic timestamps.</summary>
    Trapezoid,

    /// <summary>Energy is counted by the hardware; differences are taken.</summary>
    Counter,

    /// <summary>Power is estimated by a model from what is measured, then integrated: an estimate, and called so.</summary>
    Model,
}

/// <summary>What was found when a board was searched for a sensor.</summary>
/// <param name="Meter">The sensor; null when there is none.</param>
/// <param name="Unavailable">Why there is none, in a sentence for people; null when there is one.</param>
internal sealed record MeterFound(IPowerMeter? Meter, string? Unavailable)
{
    /// <summary>A sensor.</summary>
    public static MeterFound Of(IPowerMeter meter) => new(meter, null);

    /// <summary>None, and why.</summary>
    public static MeterFound None(string why) => new(null, why);
}
