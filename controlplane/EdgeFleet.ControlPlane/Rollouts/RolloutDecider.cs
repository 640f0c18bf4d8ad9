using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.ControlPlane.Rollouts;

/// <summary>
/// Judges a rollout from its facts alone: no clock, no store. The rules with their reasons stand in the folder's README; a change of
/// what is decided raises <see cref="Rules"/>.
/// </summary>
internal static class RolloutDecider
{
    /// <summary>Version of the rules, kept with each decision.</summary>
    public const int Rules = 2;

    /// <summary>Decides again what was stored, by the rules of then.</summary>
    public static RolloutDecision Decide(DecisionInputs inputs) => Decide(inputs.Facts, inputs.Gate, inputs.Rules);

    /// <summary>Decides.</summary>
    public static RolloutDecision Decide(RolloutFacts facts, GateSettings gate, int rules = Rules)
    {
        if ((facts.Told.Select(w => WhyHalt(w, facts, gate)).FirstOrDefault(why => why is not null) ?? EvidenceJudge.WhyWorse(facts, gate)) is { } bad)
            return new RolloutDecision.Halt(RolloutSentences.Halt(facts, bad));

        var wave = facts.Current;
        var needed = Needed(wave, gate, rules);
        if (wave.Committed >= needed)
        {
            var soaked = (wave.MetSince ?? wave.LastReport) + Minutes(gate.SoakMinutes);
            return facts.Now < soaked ? new RolloutDecision.Wait(RolloutSentences.Soak(facts, gate, soaked.Value))
                : ByEvidence(facts, gate, soaked)
                ?? (wave.Number < facts.Waves ? new RolloutDecision.Advance(RolloutSentences.Advance(facts))
                : new RolloutDecision.Done(RolloutSentences.Done(facts)));
        }

        return WhyHold(wave, facts, gate, needed) is { } open
            ? new RolloutDecision.Hold(RolloutSentences.Hold(facts, open))
            : new RolloutDecision.Wait(RolloutSentences.Wait(facts, gate, needed, NextDeadline(wave, facts.Now, gate)));
    }

    /// <summary>
    /// Committed devices that a wave needs: half of it in any case, so that silence never promotes, and the share of those that count. After the canary one failed device is not
    /// counted (from rules 2 on): in a wave of four it alone would be more than a tenth, and stop ten thousand.
    /// </summary>
    public static int Needed(WaveFacts wave, GateSettings gate, int rules = Rules)
    {
        var excused = rules >= 2 && !wave.IsCanary && gate.HealthyShareMin < 1 ? Math.Min(1, wave.Failed) : 0;
        return Math.Max(Math.Max(1, (wave.Size + 1) / 2), (int)Math.Ceiling(gate.HealthyShareMin * (wave.Counted - excused) - 1e-9));
    }

    /// <summary>When a wave that meets its gate has soaked; null while it does not, or where nobody reported.</summary>
    public static DateTimeOffset? SoakedAt(WaveFacts wave, GateSettings gate) =>
        wave.Committed >= Needed(wave, gate) ? (wave.MetSince ?? wave.LastReport) + Minutes(gate.SoakMinutes) : null;

    // Missing evidence waits, then holds; it never promotes. Null: nothing of it is in the way.
    private static RolloutDecision? ByEvidence(RolloutFacts facts, GateSettings gate, DateTimeOffset? soaked) =>
        facts.Evidence is null ? null : EvidenceJudge.Stand(facts.Evidence, facts.Current.Number, soaked ?? facts.Now, gate) switch
        {
            EvidenceStand.Clear => null,
            EvidenceStand.Due due => new RolloutDecision.Wait(RolloutSentences.Look(facts, due.At)),
            EvidenceStand.Short s when s.IsMissing && facts.Now >= facts.Current.Started + Minutes(gate.HealthyByMinutes) => new RolloutDecision.Hold(RolloutSentences.Open(facts, s.Why, s.NextLook)),
            EvidenceStand.Short s => new RolloutDecision.Wait(RolloutSentences.LookAgain(facts, s.Why, s.NextLook)),
            EvidenceStand.Open open => new RolloutDecision.Hold(RolloutSentences.Open(facts, open.Why, null)),
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no answer."),
        };

    // Earlier waves are asked as well: a canary that was away and fails now speaks against the package all the same.
    private static string? WhyHalt(WaveFacts wave, RolloutFacts facts, GateSettings gate)
    {
        var first = wave.FirstFailure is null ? "" : $" {wave.FirstFailure}";
        if (wave.Deterministic >= (wave.IsCanary ? 1 : 2) || (wave.Deterministic > 0 && facts.Told.Sum(w => w.Deterministic) >= 2))
            return $"{wave.Deterministic} of {wave.Decided} devices that decided in wave {wave.Number} refused the package.{first}";

        if (wave.Statistical == 0 || gate.FailureRatioMax >= 1)
            return null;

        if (IsSmall(wave, facts.Now, gate))
            return wave.Statistical >= (wave.IsCanary ? 1 : 2)
                ? $"{wave.Statistical} of {wave.Ran} devices that ran it in wave {wave.Number} turned it back.{first}"
                : null;

        var lower = Wilson.LowerBound(wave.Statistical, wave.Ran);
        return wave.Ran >= gate.DecidedMin && lower > gate.FailureRatioMax
            ? FormattableString.Invariant(
                $"{wave.Statistical} of {wave.Ran} devices that ran it in wave {wave.Number} turned it back: at least {100 * lower:0.#} % would, {100 * gate.FailureRatioMax:0.#} % are allowed.{first}")
            : null;
    }

    // Such a wave can never give the bound its least sample, so a failure after activation counts as a refusal does.
    private static bool IsSmall(WaveFacts wave, DateTimeOffset now, GateSettings gate) =>
        wave.Size < gate.DecidedMin || (now >= wave.Started + Minutes(gate.StartedByMinutes) && wave.Counted < gate.DecidedMin);

    private static string? WhyHold(WaveFacts wave, RolloutFacts facts, GateSettings gate, int needed)
    {
        var possible = wave.Committed + wave.Probation + wave.UnderWay + wave.Waiting;
        var startedBy = wave.Started + Minutes(gate.StartedByMinutes);
        if (facts.Now >= startedBy && wave.Silent + wave.Offline == wave.Size)
            return $"{RolloutSentences.Silence(wave)} A silent wave is never passed.";

        var canReturn = facts.Now < startedBy ? wave.Offline : 0;
        if (possible + canReturn < needed)
            return $"{RolloutSentences.Counts(wave)}, {needed} needed; the devices still under way cannot bring it there.";

        return facts.Now >= wave.Started + Minutes(gate.HealthyByMinutes)
            ? $"{RolloutSentences.Counts(wave)}, {needed} needed by {RolloutSentences.Moment(wave.Started + Minutes(gate.HealthyByMinutes), facts.Now)}."
            : null;
    }

    private static DateTimeOffset NextDeadline(WaveFacts wave, DateTimeOffset now, GateSettings gate)
    {
        var startedBy = wave.Started + Minutes(gate.StartedByMinutes);
        return now < startedBy && wave.Waiting + wave.Offline > 0 ? startedBy : wave.Started + Minutes(gate.HealthyByMinutes);
    }

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);
}
