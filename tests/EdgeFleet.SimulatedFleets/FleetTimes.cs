namespace EdgeFleet.SimulatedFleets;

/// <summary>What comes to all boards alike with the time: night, heat, drift of the inputs. Times are Unix ms.</summary>
/// <param name="Started">When the rollout was started.</param>
/// <param name="Drifts">Inputs drift from then on, for six hours, and stay there.</param>
internal sealed record FleetTimes(long Started, bool Drifts)
{
    private const long HourMs = 3_600_000;
    private const double DriftHours = 6;

    /// <summary>True from 19 to 5 o'clock.</summary>
    public static bool IsNight(long at) => HourOf(at) is < 5 or >= 19;

    /// <summary>When the light is back; the same time by day.</summary>
    public static long LightFrom(long at)
    {
        while (IsNight(at))
            at = (at / HourMs + 1) * HourMs;
        return at;
    }

    /// <summary>-1 in the cool of the night to 1 in the afternoon.</summary>
    public static double HeatAt(long at) => Math.Sin(2 * Math.PI * (HourOf(at) - 8) / 24);

    /// <summary>0 before to 1 when the inputs have drifted as far as they do.</summary>
    public double DriftAt(long at) => Drifts && at > Started ? Math.Min(1, (at - Started) / (DriftHours * HourMs)) : 0;

    private static double HourOf(long at) => at % (24 * HourMs) / (double)HourMs;
}
