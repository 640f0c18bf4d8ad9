using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Power;

/// <summary>What is told to the control plane, and when it has changed enough to be told again. Pure.</summary>
internal static class PowerReport
{
    private const int CelsiusBand = 5;
    private const int PercentBand = 5;

    // Drifting numbers alone wait this long: a report costs data, and rows carry the energy.
    private static readonly TimeSpan NumbersEvery = TimeSpan.FromMinutes(15);

    /// <summary>The report's part.</summary>
    public static ReportedPower Of(PowerNow now) => new()
    {
        Sensor = now.Sensor?.Name,
        Method = now.Sensor?.Method switch
        {
            PowerMethod.Trapezoid => ReportedPower.Integrated,
            PowerMethod.Counter => ReportedPower.Counted,
            PowerMethod.Model => ReportedPower.Modelled,
            _ => null,
        },
        Hz = now.Sensor is null ? null : Math.Round(now.Hz, 1),
        Unavailable = now.Sensor is null ? now.Unavailable : null,
        Module = now.Module,
        Mode = now.Mode,
        Celsius = now.Hottest is { } hottest ? (int)Math.Round(hottest.Celsius) : null,
        Hottest = now.Hottest?.Name,
        Throttled = now.Throttled,
        ThrottledBefore = now.ThrottledBefore.Count == 0 ? null : now.ThrottledBefore,
        BatteryPercent = now.Battery?.Percent,
        BatteryStatus = now.Battery?.Status,
        RateFactor = now.RateFactor < 1 ? now.RateFactor : null,
        UpdatesWait = now.UpdatesWait,
    };

    /// <summary>True when the other side should hear of it.</summary>
    /// <param name="told">What it was told last; null if nothing.</param>
    /// <param name="now">What is so now.</param>
    /// <param name="since">Time since it was told.</param>
    public static bool IsWorthSending(ReportedPower? told, ReportedPower now, TimeSpan since)
    {
        if (told is null)
            return false; // The first report says it anyhow.

        // Which of two places of one heat is the hotter one flutters, and is told with the next change.
        var words = told.Sensor != now.Sensor || told.Method != now.Method || told.Unavailable != now.Unavailable || told.Module != now.Module || told.Mode != now.Mode
            || !Same(told.Throttled, now.Throttled) || !Same(told.ThrottledBefore, now.ThrottledBefore) || told.BatteryStatus != now.BatteryStatus
            || told.RateFactor != now.RateFactor || told.UpdatesWait != now.UpdatesWait;
        return words || (since >= NumbersEvery && (Differ(told.Celsius, now.Celsius, CelsiusBand) || Differ(told.BatteryPercent, now.BatteryPercent, PercentBand)));
    }

    private static bool Same(IReadOnlyList<string>? one, IReadOnlyList<string>? other) => one is null ? other is null : other is not null && one.SequenceEqual(other);

    private static bool Differ(int? one, int? other, int band) => one is { } a && other is { } b ? Math.Abs(a - b) >= band : one != other;
}
