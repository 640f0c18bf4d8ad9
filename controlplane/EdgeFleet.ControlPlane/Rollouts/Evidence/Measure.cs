using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>What running models are compared by. Every difference is signed so that plus is worse.</summary>
internal enum Measure
{
    /// <summary>95th percentile of a run.</summary>
    Latency,

    /// <summary>Energy of an inference, gross.</summary>
    Energy,

    /// <summary>Mean confidence.</summary>
    Confidence,

    /// <summary>Share of samples that fail.</summary>
    Errors,

    /// <summary>Samples answered a minute: a board that hangs, restarts or falls behind answers fewer.</summary>
    Answers,

    /// <summary>Mix of the answers by label.</summary>
    ClassMix,

    /// <summary>Distance of inputs and answers from the site's own baseline.</summary>
    Drift,
}

/// <summary>How a measure is taken, bounded and said.</summary>
internal static class Measures
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Measure> All { get; } = Enum.GetValues<Measure>();

    /// <summary>True when the window has a value of the measure.</summary>
    public static bool IsIn(this Measure measure, WindowFacts window) => measure switch
    {
        Measure.Latency => window.P95Us > 0,
        Measure.Energy => window.EnergyUj > 0,
        Measure.Confidence => window.Confidence is not null,
        Measure.Errors => window.ErrorShare is not null,
        Measure.Answers => window.PerMinute > 0,
        Measure.ClassMix => window.Outputs.Count > 0,
        _ => window.DriftSpreads is not null,
    };

    /// <summary>A device's own change from one window to another, plus is worse; null where one of them has no value. Of times, energy and counts the natural logarithm of the ratio.</summary>
    public static double? Change(this Measure measure, WindowFacts before, WindowFacts after)
    {
        if (!measure.IsIn(before) || !measure.IsIn(after))
            return null;
        return measure switch
        {
            Measure.Latency => Math.Log(after.P95Us!.Value / before.P95Us!.Value),
            Measure.Energy => Math.Log(after.EnergyUj!.Value / before.EnergyUj!.Value),
            Measure.Confidence => before.Confidence - after.Confidence,
            Measure.Errors => after.ErrorShare - before.ErrorShare,
            Measure.Answers => Math.Log(before.PerMinute!.Value / after.PerMinute!.Value),
            // Other labels make another mix in any case: nothing to compare.
            Measure.ClassMix => before.Outputs.Count == after.Outputs.Count ? Distances.JensenShannon([.. before.Outputs], [.. after.Outputs]) : null,
            _ => after.DriftSpreads - before.DriftSpreads,
        };
    }

    /// <summary>Largest difference that the gate allows, in the unit of <see cref="Change"/>.</summary>
    public static double Allowed(this Measure measure, GateSettings gate) => measure switch
    {
        Measure.Latency => Math.Log(1 + gate.LatencyMoreMax),
        Measure.Energy => Math.Log(1 + gate.EnergyMoreMax),
        Measure.Confidence => gate.ConfidenceLessMax,
        Measure.Errors => gate.ErrorsMoreMax,
        Measure.Answers => -Math.Log(1 - gate.AnswersLessMax),
        Measure.ClassMix => gate.ClassMixMoreMax,
        _ => gate.DriftMoreMax,
    };

    /// <summary>By how much the own changes of devices scatter when nothing is different, as a standard deviation: what plans reckon with.</summary>
    public static double UsualSpread(this Measure measure) => measure switch
    {
        Measure.Latency => 0.06,
        Measure.Energy => 0.05,
        Measure.Confidence => 0.02,
        Measure.Errors => 0.01,
        Measure.Answers => 0.06,
        Measure.ClassMix => 0.06,
        _ => 0.4,
    };

    /// <summary>The measure for people.</summary>
    public static string Words(this Measure measure) => measure switch
    {
        Measure.Latency => "p95 latency",
        Measure.Energy => "energy per inference",
        Measure.Confidence => "mean confidence",
        Measure.Errors => "failed samples",
        Measure.Answers => "answers a minute",
        Measure.ClassMix => "mix of answers",
        _ => "drift from the site's baseline",
    };

    /// <summary>A difference for people: <c>+12 %</c>, <c>-3 points</c>.</summary>
    public static string Say(this Measure measure, double difference) => measure switch
    {
        Measure.Latency or Measure.Energy => FormattableString.Invariant($"{100 * (Math.Exp(difference) - 1):+0.#;-0.#;0} %"),
        Measure.Confidence => FormattableString.Invariant($"{-100 * difference:+0.#;-0.#;0} points"),
        Measure.Errors => FormattableString.Invariant($"{100 * difference:+0.##;-0.##;0} points"),
        Measure.Answers => FormattableString.Invariant($"{100 * (Math.Exp(-difference) - 1):+0.#;-0.#;0} %"),
        Measure.ClassMix => FormattableString.Invariant($"{difference:+0.00;-0.00;0} of distance"),
        _ => FormattableString.Invariant($"{difference:+0.0;-0.0;0} spreads"),
    };
}
