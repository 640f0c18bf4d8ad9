using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>
/// A candidate's minutes on probation beside the last ones of the model before. Kept in memory: after a restart it is of the minutes since, and says how many samples; the model before
/// is then told by what is on record of it.
/// </summary>
internal sealed class MinuteEvidence
{
    private ModelSide _candidate = ModelSide.OfMinutes([]);
    private ModelSide _before = ModelSide.OfMinutes([]);
    private PackageRef? _package;
    private string? _against;

    /// <summary>Begins anew for a candidate.</summary>
    /// <param name="package">The candidate.</param>
    /// <param name="against">The model before, as <c>name@version</c>; null when there was none.</param>
    /// <param name="before">Its last minutes.</param>
    public void Begin(PackageRef package, string? against, IReadOnlyList<MinuteRow> before) =>
        (_package, _against, _before, _candidate) = (package, against, ModelSide.OfMinutes(before), ModelSide.OfMinutes([]));

    /// <summary>Begins anew after a restart, with what is on record of the model before; does nothing for a candidate that was begun.</summary>
    public void Resume(PackageRef package, ModelBaseline? before)
    {
        if (_package == package || before is null)
            return;

        Begin(package, before.Model, []);
        var sketch = new SketchBuilder();
        for (var i = 0; i < before.Windows; i++)
            sketch.Add(before.P95Us);
        _before = new ModelSide
        {
            Answered = before.Samples,
            RunUs = sketch.Build(),
            ConfidenceMillionths = (long)((before.Confidence ?? 0) * 1000 * before.Samples),
            EnergyUj = (long)((before.EnergyUj ?? 0) * before.Samples),
            EnergySamples = before.EnergyUj is null ? 0 : before.Samples,
        };
    }

    /// <summary>Takes a minute of the candidate in.</summary>
    public void Add(PackageRef package, MinuteRow row)
    {
        if (_package != package)
            Begin(package, null, []);
        _candidate = _candidate.Plus(ModelSide.OfMinutes([row]));
    }

    /// <summary>The evidence; null when there is nothing to compare with.</summary>
    public CandidateEvidence? Build(PackageRef package) => _package == package && _against is not null && _before.Answered > 0
        ? new CandidateEvidence { Stage = EvidenceStage.Probation, Against = _against, Candidate = _candidate, Other = _before }
        : null;
}
