using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>When looks at the running models are taken: the first when a wave has soaked, a further one only where the last was not enough. Pure.</summary>
internal static class EvidenceSchedule
{
    /// <summary>Number of the look that is due now; null when none is.</summary>
    public static int? Due(RolloutFacts facts, GateSettings gate)
    {
        if (facts.Evidence is not { } evidence || RolloutDecider.SoakedAt(facts.Current, gate) is not { } soaked || facts.Now < soaked)
            return null;

        var taken = evidence.Look is { } look && look.Wave == facts.Current.Number ? look.Number : 0;
        return EvidenceJudge.Stand(evidence, facts.Current.Number, soaked, gate) switch
        {
            EvidenceStand.Due => taken + 1,
            EvidenceStand.Short shortOf when facts.Now >= shortOf.NextLook => taken + 1,
            _ => null,
        };
    }
}
