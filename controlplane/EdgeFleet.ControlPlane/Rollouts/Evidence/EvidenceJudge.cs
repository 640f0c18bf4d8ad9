using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>Where the evidence of a wave that met its gate stands.</summary>
internal abstract record EvidenceStand
{
    /// <summary>Nothing of it is in the way.</summary>
    internal sealed record Clear : EvidenceStand;

    /// <summary>A look is to be taken.</summary>
    internal sealed record Due(DateTimeOffset At) : EvidenceStand;

    /// <summary>A further look is needed, because data is missing or the difference looks too large.</summary>
    internal sealed record Short(string Why, DateTimeOffset NextLook, bool IsMissing) : EvidenceStand;

    /// <summary>All looks are taken, and it is still open.</summary>
    internal sealed record Open(string Why) : EvidenceStand;
}

/// <summary>Judges evidence from its numbers alone. The reasons are in the README of the rollouts.</summary>
internal static class EvidenceJudge
{
    /// <summary>Devices that a side needs for a comparison: of two, one flaky board would be half.</summary>
    public const int SideMin = 3;

    /// <summary>Devices that a comparison needs in all: among seven chance alone gives any order of two sides more often than a look may err.</summary>
    public const int DevicesMin = 8;

    /// <summary>Looks at a measure in a wave.</summary>
    public const int LooksMax = 3;

    /// <summary>One-sided error of a measure in a wave, all looks together.</summary>
    public const double ErrorOfWave = 0.05;

    /// <summary>Error of one look: split evenly, so that the sum holds whatever the looks have to do with each other (Bonferroni).</summary>
    public const double ErrorOfLook = ErrorOfWave / LooksMax;

    /// <summary>What a measure says.</summary>
    public static MeasureVerdict VerdictOf(MeasureFacts m)
    {
        if (!CanTell(m.CandidatesBefore, m.ControlsBefore))
            return MeasureVerdict.NotMeasured;
        if (2 * m.Candidates < m.CandidatesBefore || 2 * m.Controls < m.ControlsBefore || !CanTell(m.Candidates, m.Controls))
            return MeasureVerdict.NoData;
        if (m.Lower > m.Allowed)
            return MeasureVerdict.Fails;
        if (m.Upper <= m.Allowed)
            return MeasureVerdict.Passes;
        return m.Tested >= LooksMax && m.Lower > 0 && m.Difference > m.Allowed ? MeasureVerdict.Fails : MeasureVerdict.TooFew;
    }

    /// <summary>True when the wave has devices enough on both sides to be compared.</summary>
    public static bool IsCompared(EvidenceFacts evidence) => CanTell(evidence.Candidates, evidence.Controls);

    /// <summary>True when so many devices on either side can show anything at the error of a look.</summary>
    public static bool CanTell(int candidates, int controls) =>
        candidates >= SideMin && controls >= SideMin && candidates + controls >= DevicesMin && RankShift.Rank(candidates, controls, ErrorOfLook) > 0;

    /// <summary>Why the evidence speaks against the package; null when it does not.</summary>
    public static string? WhyWorse(RolloutFacts facts, GateSettings gate)
    {
        if (facts.Evidence?.Look is not { } look)
            return null;
        if (look.Measures.FirstOrDefault(m => m.Verdict == MeasureVerdict.Fails) is { } worse)
            return $"beside devices on the earlier model {EvidenceSentences.Of(worse)}.{EvidenceSentences.Unlike(look)}";
        return IsOverBudget(look, facts.Told.Count == 1, gate) ? $"{look.OverBudget} of {look.Budgeted} devices are over a budget of the manifest. {look.FirstOver}" : null;
    }

    /// <summary>Where the evidence of a wave stands that met its gate and has soaked.</summary>
    /// <param name="evidence">The evidence.</param>
    /// <param name="wave">Number of the wave.</param>
    /// <param name="soaked">When it had soaked.</param>
    /// <param name="gate">The gate.</param>
    public static EvidenceStand Stand(EvidenceFacts evidence, int wave, DateTimeOffset soaked, GateSettings gate)
    {
        if (evidence.Look is not { } look || look.Wave != wave)
            return new EvidenceStand.Due(soaked);
        var next = look.At + TimeSpan.FromMinutes(gate.LookMinutes);
        if (!IsCompared(evidence))
        {
            // Who is away is missing, where the plan had enough; a wave that is too small by plan is judged by budgets alone.
            return CanTell(evidence.Told, evidence.Controls)
                ? new EvidenceStand.Short(EvidenceSentences.Away(evidence), next, IsMissing: true)
                : new EvidenceStand.Clear();
        }

        var missing = look.Measures.FirstOrDefault(m => m.Verdict == MeasureVerdict.NoData);
        if (missing is not null || look.Measures.All(m => m.Verdict == MeasureVerdict.NotMeasured))
            return new EvidenceStand.Short(EvidenceSentences.Missing(missing), next, IsMissing: true);

        // An interval that reaches over the gate alone stops nothing: small waves can show no more, and larger ones follow. A best estimate beyond it does.
        if (look.Measures.FirstOrDefault(IsDoubtful) is not { } doubtful)
            return new EvidenceStand.Clear();
        return doubtful.Tested < LooksMax
            ? new EvidenceStand.Short(EvidenceSentences.Doubt(doubtful), next, IsMissing: false)
            : new EvidenceStand.Open(EvidenceSentences.Doubt(doubtful));
    }

    /// <summary>True when a measure can neither pass nor fail and looks worse than the gate allows.</summary>
    public static bool IsDoubtful(MeasureFacts m) => m.Verdict == MeasureVerdict.TooFew && m.Difference > m.Allowed;

    // A device over its budget counts as one that turned the package back.
    private static bool IsOverBudget(LookFacts look, bool isCanary, GateSettings gate) => look.OverBudget > 0 && gate.FailureRatioMax < 1
        && (look.Budgeted < gate.DecidedMin
            ? look.OverBudget >= (isCanary ? 1 : 2)
            : Wilson.LowerBound(look.OverBudget, look.Budgeted) > gate.FailureRatioMax);
}
