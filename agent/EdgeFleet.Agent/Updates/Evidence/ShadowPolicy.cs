using System.Globalization;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>What a shadow decides.</summary>
internal abstract record ShadowVerdict
{
    /// <summary>The candidate may serve, and what is said of it.</summary>
    public sealed record Passed(string Word) : ShadowVerdict;

    /// <summary>It is refused; the sentence names figure and limit.</summary>
    public sealed record Failed(string Reason) : ShadowVerdict;
}

/// <summary>
/// Judges a candidate by what it did in shadow. Pure. Shares are judged by their confidence bound, so that few samples refuse nobody; with fewer than the least samples,
/// or without a limit, only a candidate that fails its samples is refused, and the word says so.
/// </summary>
internal static class ShadowPolicy
{
    private const int FaultsMin = 3;
    private const double LatencyMoreUs = 1000;

    /// <summary>Judges it.</summary>
    /// <param name="evidence">What was seen.</param>
    /// <param name="limits">Limits of manifest and rollout together.</param>
    /// <param name="faultShareMax">Share of samples that it may fail, as in probation.</param>
    /// <param name="cut">Why the shadow ended early; null when it did not.</param>
    public static ShadowVerdict Judge(CandidateEvidence evidence, ShadowLimits limits, double faultShareMax, string? cut = null)
    {
        var end = cut is null ? "" : $"; {cut}";
        var (samples, least) = (evidence.Samples, limits.SamplesMin ?? ShadowLimits.SamplesMinDefault);
        if (WhyFaulty(evidence, faultShareMax) is { } faulty)
            return new ShadowVerdict.Failed($"Shadow: {faulty}");
        if (!limits.Judges)
            return new ShadowVerdict.Passed($"{evidence.Summary}{end}");
        if (samples < least)
            return new ShadowVerdict.Passed($"too few to tell: {samples} of the {least} samples that are needed; {evidence.Summary}{end}");

        var reasons = new[] { WhyDisagrees(evidence, limits.AgreementMin), WhySlow(evidence, limits.LatencyRatioMax), WhyHungry(evidence, limits.EnergyRatioMax) }.OfType<string>().ToList();
        return reasons.Count > 0
            ? new ShadowVerdict.Failed($"Shadow: {string.Join(" ", reasons)}")
            : new ShadowVerdict.Passed($"{evidence.Summary}; within {limits.Words()}{NotJudged(evidence, limits)}{end}");
    }

    private static string? WhyFaulty(CandidateEvidence evidence, double faultShareMax)
    {
        var faults = evidence.Candidate.Failed;
        return faults >= FaultsMin && Wilson.LowerBound(faults, evidence.Samples) > faultShareMax
            ? Said($"it failed {faults} of {evidence.Samples} live samples; at most {100 * faultShareMax:0.#} % are allowed.")
            : null;
    }

    // The F1 of boxes is taken for the share that as many samples would give.
    private static string? WhyDisagrees(CandidateEvidence evidence, double? least)
    {
        if (least is not { } limit || evidence.Agreement is not { Samples: > 0 } agreement)
            return null;

        var same = Math.Clamp((long)Math.Round(agreement.Share * agreement.Samples), 0, agreement.Samples);
        var most = Wilson.UpperBound(same, agreement.Samples);
        return most < limit
            ? Said($"it agrees with {evidence.Against} on {100 * agreement.Share:0.0} % of {agreement.Samples} live samples (at most {100 * most:0.0} % by the bound); at least {100 * limit:0.#} % is asked.")
            : null;
    }

    private static string? WhySlow(CandidateEvidence evidence, double? most)
    {
        var (mine, theirs) = (evidence.Candidate.RunUs.Quantile(0.95), evidence.Other.RunUs.Quantile(0.95));
        return most is { } limit && theirs > 0 && mine > limit * theirs && mine > theirs + LatencyMoreUs
            ? Said($"its p95 is {mine / 1000:0.0} ms, {mine / theirs:0.00} times the {theirs / 1000:0.0} ms of {evidence.Against} on the same samples; at most {limit:0.##} times is allowed.")
            : null;
    }

    private static string? WhyHungry(CandidateEvidence evidence, double? most) =>
        most is { } limit && (evidence.Candidate.MeanEnergyUj, evidence.Other.MeanEnergyUj) is ({ } mine, > 0 and { } theirs) && mine > limit * theirs
            ? Said($"it takes {mine / 1000:0.0} mJ a sample, {mine / theirs:0.00} times the {theirs / 1000:0.0} mJ of {evidence.Against}; at most {limit:0.##} times is allowed.")
            : null;

    private static string NotJudged(CandidateEvidence evidence, ShadowLimits limits) =>
        (limits.AgreementMin is not null && evidence.Agreement is not { Samples: > 0 } ? "; agreement not judged, for the labels are others" : "")
        + (limits.EnergyRatioMax is not null && evidence.Candidate.MeanEnergyUj is null ? "; energy not judged, for no meter tells it" : "");

    private static string Said(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
