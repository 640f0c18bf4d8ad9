namespace EdgeFleet.Agent.Power;

/// <summary>Energy of one slot's inferences in one window.</summary>
internal sealed record EnergyWindow
{
    /// <summary>Gross: all that the board took, by inference, in joules.</summary>
    public required double GrossJ { get; init; }

    /// <summary>Standard deviation of <see cref="GrossJ"/>.</summary>
    public required double GrossSigmaJ { get; init; }

    /// <summary>Net of what the idle board takes, in joules; null while the idle power is not known.</summary>
    public double? NetJ { get; init; }

    /// <summary>Standard deviation of <see cref="NetJ"/>.</summary>
    public double? NetSigmaJ { get; init; }

    /// <summary>Idle power that was taken off, in watts.</summary>
    public double? IdleWatts { get; init; }

    /// <summary>Inferences.</summary>
    public required long Inferences { get; init; }

    /// <summary>Time covered by readings, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Readings a second.</summary>
    public required double Hz { get; init; }

    /// <summary>Share of the board's energy that was put down to this slot, by busy time; below 1 it is an estimate.</summary>
    public required double Share { get; init; }

    /// <summary>Sensor.</summary>
    public required string Sensor { get; init; }

    /// <summary>Power mode or governor; null where it is not known.</summary>
    public string? Mode { get; init; }
}

/// <summary>What a window's energy is worked out from.</summary>
/// <param name="Measured">What the sensor measured in it.</param>
/// <param name="WindowSeconds">Its length by the monotonic clock.</param>
/// <param name="Inferences">Inferences in it.</param>
/// <param name="Share">Share of the slot in the busy time, 0 to 1.</param>
/// <param name="Idle">Idle power; null while it is not known.</param>
/// <param name="Sensor">Sensor.</param>
/// <param name="Mode">Power mode or governor.</param>
internal readonly record struct EnergyFacts(
    PowerTotals Measured, double WindowSeconds, long Inferences, double Share, IdlePower? Idle, PowerSensor Sensor, string? Mode);

/// <summary>
/// Energy per inference: gross <c>E / N</c>, net <c>(E - P_idle * T) / N</c>, and their uncertainty <c>sqrt(sigma_P² * T / fs + (T * sigma_idle)²) / N</c>, where
/// sigma_P is the scatter of the readings and the sensor's step. The sensor's own calibration is not in it. Pure.
/// </summary>
internal static class EnergyMath
{
    private const int ReadingsMin = 10;
    private const double CoverMin = 0.9;
    private const int EdgeReadings = 3;

    /// <summary>Works a window out.</summary>
    /// <param name="facts">What is known of it.</param>
    /// <param name="why">Why there is no value, when null is returned.</param>
    public static EnergyWindow? Judge(in EnergyFacts facts, out string? why)
    {
        why = WhyNot(facts);
        if (why is not null)
            return null;

        var (measured, seconds) = (facts.Measured, facts.Measured.Seconds);
        var perInference = facts.Share / facts.Inferences;
        var variance = EnergyVariance(facts.Sensor, measured);
        return new EnergyWindow
        {
            GrossJ = measured.Joules * perInference,
            GrossSigmaJ = Math.Sqrt(variance) * perInference,
            NetJ = facts.Idle is { } idle ? (measured.Joules - (idle.Watts * seconds)) * perInference : null,
            NetSigmaJ = facts.Idle is { SigmaWatts: var sigma } ? Math.Sqrt(variance + (seconds * sigma * (seconds * sigma))) * perInference : null,
            IdleWatts = facts.Idle?.Watts,
            Inferences = facts.Inferences,
            Seconds = seconds,
            Hz = measured.Hz,
            Share = facts.Share,
            Sensor = facts.Sensor.Name,
            Mode = facts.Mode,
        };
    }

    /// <summary>A number rounded to its first digits: an energy is not known better than to three, its uncertainty than to two, and short numbers pack well.</summary>
    public static long Rounded(double value, int digits)
    {
        var step = Math.Pow(10, Math.Max(0, Math.Floor(Math.Log10(Math.Max(Math.Abs(value), 1))) - (digits - 1)));
        return (long)(Math.Round(value / step) * step);
    }

    // T >= 10 / fs is the same as ten readings.
    private static string? WhyNot(in EnergyFacts facts)
    {
        if (facts.Inferences == 0)
            return "Nothing was inferred in the window.";
        if (facts.Measured.Readings < ReadingsMin)
            return $"The sensor gave {facts.Measured.Readings} readings in the window; {ReadingsMin} are needed.";

        var missing = facts.WindowSeconds - facts.Measured.Seconds;
        return missing > Math.Max((1 - CoverMin) * facts.WindowSeconds, EdgeReadings / facts.Measured.Hz)
            ? FormattableString.Invariant($"The sensor was silent for {missing:0} of the window's {facts.WindowSeconds:0} s.")
            : null;
    }

    private static double EnergyVariance(PowerSensor sensor, in PowerTotals measured) => sensor.Method == PowerMethod.Counter
        ? 2 * sensor.Resolution * sensor.Resolution
        : (measured.Variance + (sensor.Resolution * sensor.Resolution / 12)) * measured.Seconds / measured.Hz;
}
