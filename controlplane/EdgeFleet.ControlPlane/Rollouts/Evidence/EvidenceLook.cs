using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>Makes a look from what was read for it. Pure.</summary>
internal static class EvidenceLook
{
    /// <summary>Makes it.</summary>
    /// <param name="facts">The rollout, with the look before.</param>
    /// <param name="gate">What is allowed.</param>
    /// <param name="number">Number of the look in its wave.</param>
    /// <param name="devices">Devices on the package and beside it.</param>
    /// <param name="budgets">Budgets of the manifest; null where it has none.</param>
    public static LookFacts Of(RolloutFacts facts, GateSettings gate, int number, IReadOnlyList<DeviceEvidence> devices, Budgets? budgets)
    {
        var last = facts.Evidence!.Look is { } look && look.Wave == facts.Current.Number ? look : null;
        var budget = BudgetCount.Of(devices.Where(d => d.IsCandidate), budgets);
        return new LookFacts
        {
            Wave = facts.Current.Number,
            Number = number,
            At = facts.Now,
            Measures = EvidenceJudge.IsCompared(facts.Evidence) ? EvidenceComparer.Compare(devices, gate, last) : [],
            Budgeted = budget.Known,
            OverBudget = budget.Over,
            FirstOver = budget.First,
        };
    }
}
