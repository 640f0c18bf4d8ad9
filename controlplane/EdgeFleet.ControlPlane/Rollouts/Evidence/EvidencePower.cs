using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>What each wave of a plan can show against its gate, before anything is known: from its size and from how devices usually scatter.</summary>
internal static class EvidencePower
{
    private const double Power = 0.9;
    private static readonly Measure[] Planned = [Measure.Latency, Measure.Energy, Measure.Confidence, Measure.ClassMix];

    /// <summary>A sentence for each wave.</summary>
    public static IReadOnlyList<string> Say(RolloutPlan plan)
    {
        if (!plan.Gate.Evidence)
            return ["The running models are not compared: only how the updates of the devices themselves end counts."];

        var (sentences, told) = (new List<string>(), 0);
        for (var wave = 1; wave <= plan.Waves.Count; wave++)
        {
            told += plan.Waves[wave - 1].Count;
            sentences.Add(Say(wave, told, plan.Devices - told, plan));
        }

        return sentences;
    }

    /// <summary>Smallest true difference of a measure that a comparison of so many devices shows beyond its gate nine times in ten; infinite where it shows none.</summary>
    public static double Smallest(Measure measure, int candidates, int controls, GateSettings gate) =>
        measure.Allowed(gate) + Distance(measure, candidates, controls);

    private static string Say(int wave, int candidates, int controls, RolloutPlan plan)
    {
        var size = candidates == 1 ? "1 device" : $"{candidates} devices";
        if (!EvidenceJudge.CanTell(candidates, controls))
            return $"Wave {wave}: {size} on it beside {controls}: too few to compare ({EvidenceJudge.DevicesMin} in all and {EvidenceJudge.SideMin} of each are needed); budgets and what boards see in shadow judge it.";

        var shown = Planned.Select(m => $"{m.Words()} from {m.Say(Smallest(m, candidates, controls, plan.Gate))} ({m.Say(m.Allowed(plan.Gate))} allowed)");
        return $"Wave {wave}: {size} on it beside {controls} shows {string.Join(", ", shown)}.{Enlarge(wave, candidates, controls, plan)}";
    }

    // A wave that shows only twice of what is allowed is blind where it matters.
    private static string Enlarge(int wave, int candidates, int controls, RolloutPlan plan)
    {
        if (Planned.Where(m => Distance(m, candidates, controls) > m.Allowed(plan.Gate)).Select(m => (Measure?)m).FirstOrDefault() is not { } weak)
            return "";

        var enough = Enumerable.Range(candidates + 1, Math.Max(0, plan.Devices - EvidenceJudge.SideMin - candidates))
            .FirstOrDefault(c => Distance(weak, c, plan.Devices - c) <= weak.Allowed(plan.Gate));
        return enough > 0
            ? $" For {weak.Words()} that is more than twice of what is allowed: let the waves up to {wave} have {enough} devices together."
            : $" For {weak.Words()} that is more than twice of what is allowed, and no cut of {plan.Devices} devices shows less: take more devices, or leave more of them on the earlier model.";
    }

    private static double Distance(Measure measure, int candidates, int controls) => RankShift.SmallestShown(
        Math.Min(candidates, EvidenceCohorts.SideMax), Math.Min(controls, EvidenceCohorts.SideMax), measure.UsualSpread(), EvidenceJudge.ErrorOfLook, Power);
}
