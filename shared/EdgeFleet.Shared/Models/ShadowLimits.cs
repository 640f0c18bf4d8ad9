using System.Globalization;
using System.Text.Json.Serialization;

namespace EdgeFleet.Shared.Models;

/// <summary>
/// What a candidate must keep to in shadow, on live samples beside the model that serves, or it is refused before it serves. A limit that is left out is not judged.
/// A manifest and a rollout may both have some: then the tighter one counts, so that a rollout never loosens what the publisher asks.
/// </summary>
public sealed record ShadowLimits
{
    /// <summary>Samples below which no share or ratio is judged, where nobody says otherwise.</summary>
    public const int SamplesMinDefault = 50;

    /// <summary>Fewest samples that may be asked for: below, a bound on a share says nothing.</summary>
    public const int SamplesMinLow = 10;

    private const int SamplesMinHigh = 1_000_000;

    /// <summary>Share of the samples, 0 to 1, that the candidate must answer as the model that serves does; for object detection the F1 of the boxes that match.</summary>
    public double? AgreementMin { get; init; }

    /// <summary>Largest ratio of the candidate's 95th percentile of a run to that of the model that serves, over the same samples.</summary>
    public double? LatencyRatioMax { get; init; }

    /// <summary>Largest ratio of the candidate's energy of a sample to that of the model that serves; not judged where no meter tells.</summary>
    public double? EnergyRatioMax { get; init; }

    /// <summary>Samples below which none of these is judged; <see cref="SamplesMinDefault"/> when left out.</summary>
    public int? SamplesMin { get; init; }

    /// <summary>True when there is something to judge by.</summary>
    [JsonIgnore]
    public bool Judges => AgreementMin is not null || LatencyRatioMax is not null || EnergyRatioMax is not null;

    /// <summary>The tighter of both, limit by limit. Of the least samples the smaller counts: a larger one would let a candidate pass unjudged.</summary>
    public ShadowLimits And(ShadowLimits? other) => other is null ? this : new ShadowLimits
    {
        AgreementMin = Tighter(AgreementMin, other.AgreementMin, Math.Max),
        LatencyRatioMax = Tighter(LatencyRatioMax, other.LatencyRatioMax, Math.Min),
        EnergyRatioMax = Tighter(EnergyRatioMax, other.EnergyRatioMax, Math.Min),
        SamplesMin = (int?)Tighter(SamplesMin, other.SamplesMin, Math.Min),
    };

    /// <summary>Everything that makes no sense in these, each as a clause with its full stop.</summary>
    public IEnumerable<string> Faults()
    {
        if (AgreementMin is { } agreement && agreement is not (>= 0 and <= 1))
            yield return Said("the least agreement in shadow is {0}; it is a share, 0 to 1.", agreement);
        if (LatencyRatioMax is { } latency && !(latency > 0 && double.IsFinite(latency)))
            yield return Said("the largest latency ratio in shadow is {0}; it lies above 0, 1 is as slow as the model before.", latency);
        if (EnergyRatioMax is { } energy && !(energy > 0 && double.IsFinite(energy)))
            yield return Said("the largest energy ratio in shadow is {0}; it lies above 0, 1 is as much as the model before takes.", energy);
        if (SamplesMin is { } samples && samples is < SamplesMinLow or > SamplesMinHigh)
            yield return $"the least samples in shadow are {SamplesMin}; {SamplesMinLow} to {SamplesMinHigh} can be asked.";
    }

    /// <summary>Where these would let pass what others refuse, each as a clause; empty when they only tighten them.</summary>
    public IEnumerable<string> LooserThan(ShadowLimits others)
    {
        if (AgreementMin < others.AgreementMin)
            yield return Said("least agreement {0} where {1} is asked", AgreementMin.Value, others.AgreementMin!.Value);
        if (LatencyRatioMax > others.LatencyRatioMax)
            yield return Said("latency ratio {0} where at most {1} is allowed", LatencyRatioMax.Value, others.LatencyRatioMax!.Value);
        if (EnergyRatioMax > others.EnergyRatioMax)
            yield return Said("energy ratio {0} where at most {1} is allowed", EnergyRatioMax.Value, others.EnergyRatioMax!.Value);
    }

    /// <summary>The limits in words, for example <c>agreement at least 90 %, p95 at most 1.5 times</c>; empty when there is none.</summary>
    public string Words() => string.Join(", ", new[]
    {
        AgreementMin is { } agreement ? Said("agreement at least {0:0.#} %", 100 * agreement) : null,
        LatencyRatioMax is { } latency ? Said("p95 at most {0:0.##} times", latency) : null,
        EnergyRatioMax is { } energy ? Said("energy at most {0:0.##} times", energy) : null,
    }.OfType<string>());

    private static double? Tighter(double? a, double? b, Func<double, double, double> of) => a is null ? b : b is null ? a : of(a.Value, b.Value);

    private static string Said(string text, params object[] numbers) => string.Format(CultureInfo.InvariantCulture, text, numbers);
}

/// <summary>What a candidate has to show in shadow before it may serve: wished by a rollout, for this candidate alone.</summary>
public sealed record ShadowOrder
{
    /// <summary>Share of the live samples that it answers beside the model that serves, above 0 and at most 1. The board bounds its time and energy.</summary>
    public required double Share { get; init; }

    /// <summary>Limits besides those of its manifest; they only tighten them.</summary>
    public ShadowLimits? Limits { get; init; }

    /// <summary>Everything that makes no sense in it, each as a clause with its full stop.</summary>
    public IEnumerable<string> Faults() =>
        (Share is > 0 and <= 1 ? Enumerable.Empty<string>() : [string.Create(CultureInfo.InvariantCulture, $"the share of samples in shadow is {Share}; it lies above 0 and at most 1.")])
        .Concat(Limits?.Faults() ?? []);
}
