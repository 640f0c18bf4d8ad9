using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>One slot of one device over a span of time, in the few numbers that are compared.</summary>
internal sealed record WindowFacts
{
    /// <summary>Minutes with answers below which a window says nothing.</summary>
    public const int MinutesMin = 5;

    /// <summary>Answers below which a mix of answers says nothing.</summary>
    public const int OutputsMin = 20;

    /// <summary>A window of which nothing is known.</summary>
    public static readonly WindowFacts Nothing = new();

    /// <summary>Median of the minutes' 95th percentiles, microseconds.</summary>
    public double? P95Us { get; init; }

    /// <summary>Energy of an inference, gross, microjoule: energy of all over their number.</summary>
    public double? EnergyUj { get; init; }

    /// <summary>Mean confidence, 0 to 1.</summary>
    public double? Confidence { get; init; }

    /// <summary>Share of samples that failed.</summary>
    public double? ErrorShare { get; init; }

    /// <summary>Samples answered a minute, over the minutes in which any were: a dark camera is no slow one.</summary>
    public double? PerMinute { get; init; }

    /// <summary>Answers by label; empty where too few are known.</summary>
    public IReadOnlyList<long> Outputs { get; init; } = [];

    /// <summary>Largest difference to the site's baseline, in spreads of the feature.</summary>
    public double? DriftSpreads { get; init; }

    /// <summary>Folds minute rows, oldest first, and what profiles say beside them.</summary>
    public static WindowFacts Of(ReadOnlySpan<FleetMinute> minutes, IReadOnlyList<long>? outputs = null, double? driftSpreads = null)
    {
        var times = new double[minutes.Length];
        var (answered, failed, confident, metered, withRun) = (0L, 0L, 0L, 0L, 0);
        var (confidence, energy, seconds) = (0.0, 0.0, 0.0);
        foreach (ref readonly var minute in minutes)
        {
            (answered, failed) = (answered + minute.Answered, failed + minute.Failed);
            if (minute.Answered == 0)
                continue;
            seconds += minute.Seconds;
            times[withRun++] = minute.P95Us;
            if (minute.Confidence is { } sure)
                (confidence, confident) = (confidence + minute.Answered * sure, confident + minute.Answered);
            if (minute.EnergyUj is { } microjoule)
                (energy, metered) = (energy + (double)minute.Answered * microjoule, metered + minute.Answered);
        }

        var mix = outputs is not null && Sum(outputs) >= OutputsMin ? outputs : [];
        if (withRun < MinutesMin)
            return new WindowFacts { Outputs = mix, DriftSpreads = driftSpreads };

        Array.Sort(times, 0, withRun);
        return new WindowFacts
        {
            P95Us = times[withRun / 2],
            EnergyUj = metered == 0 ? null : energy / metered,
            Confidence = confident == 0 ? null : confidence / confident / 1000,
            ErrorShare = (double)failed / (answered + failed),
            PerMinute = 60 * answered / seconds,
            Outputs = mix,
            DriftSpreads = driftSpreads,
        };
    }

    /// <summary>Folds minute rows and the profiles beside them.</summary>
    public static WindowFacts Of(ReadOnlySpan<FleetMinute> minutes, IReadOnlyList<HourlyProfile> profiles)
    {
        var labels = profiles.Count == 0 ? 0 : profiles[^1].Outputs.Count;
        var outputs = new long[labels];
        foreach (var profile in profiles.Where(p => p.Outputs.Count == labels))
        {
            for (var i = 0; i < labels; i++)
                outputs[i] += profile.Outputs[i];
        }

        var drift = profiles.Select(p => p.DriftSize).OfType<int>().Order().ToList();
        return Of(minutes, outputs, drift.Count == 0 ? null : drift[drift.Count / 2] / 100.0);
    }

    private static long Sum(IReadOnlyList<long> counts)
    {
        var sum = 0L;
        for (var i = 0; i < counts.Count; i++)
            sum += counts[i];
        return sum;
    }
}

/// <summary>A device that is compared.</summary>
/// <param name="Device">Its id.</param>
/// <param name="IsCandidate">It runs the package; else it is a control.</param>
/// <param name="Before">Before the rollout began.</param>
/// <param name="After">Up to the look: a candidate's minutes of the package, a control's of what it still runs.</param>
internal sealed record DeviceEvidence(string Device, bool IsCandidate, WindowFacts Before, WindowFacts After);
