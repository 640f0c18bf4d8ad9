using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.ControlPlane.Rollouts.Evidence;

/// <summary>Makes the measures of a look from windows of devices. The unit is the device: its own change, beside the changes of the controls at the same time.</summary>
internal static class EvidenceComparer
{
    /// <summary>Compares.</summary>
    /// <param name="devices">Candidates and controls.</param>
    /// <param name="gate">What is allowed.</param>
    /// <param name="last">The look before in the same wave; a measure that passed there is not tested again.</param>
    public static IReadOnlyList<MeasureFacts> Compare(IReadOnlyList<DeviceEvidence> devices, GateSettings gate, LookFacts? last) =>
        [.. Measures.All.Select(measure => last?.Measures.FirstOrDefault(m => m.Measure == measure) switch
        {
            { Verdict: MeasureVerdict.Passes or MeasureVerdict.Fails } settled => settled,
            { Tested: >= EvidenceJudge.LooksMax } spent => spent,
            var before => Compare(measure, devices, measure.Allowed(gate), before?.Tested ?? 0),
        })];

    private static MeasureFacts Compare(Measure measure, IReadOnlyList<DeviceEvidence> devices, double allowed, int tested)
    {
        var (candidates, controls) = (new List<double>(), new List<double>());
        var (candidatesBefore, controlsBefore) = (0, 0);
        foreach (var device in devices)
        {
            if (!measure.IsIn(device.Before))
                continue;
            (candidatesBefore, controlsBefore) = device.IsCandidate ? (candidatesBefore + 1, controlsBefore) : (candidatesBefore, controlsBefore + 1);
            if (measure.Change(device.Before, device.After) is { } change)
                (device.IsCandidate ? candidates : controls).Add(change);
        }

        var facts = new MeasureFacts
        {
            Measure = measure,
            CandidatesBefore = candidatesBefore,
            ControlsBefore = controlsBefore,
            Candidates = candidates.Count,
            Controls = controls.Count,
            Tested = tested,
            Allowed = allowed,
        };
        if (facts.Verdict is MeasureVerdict.NotMeasured or MeasureVerdict.NoData)
            return facts;

        var shift = RankShift.Between([.. candidates], [.. controls], EvidenceJudge.ErrorOfLook);
        return facts with { Tested = tested + 1, Difference = shift.Estimate, Lower = shift.Lower, Upper = shift.Upper };
    }
}
