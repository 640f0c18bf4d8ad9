using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>A candidate's minutes on probation beside the last ones of the model before. Kept in memory: after a restart it is of the minutes since, and says how many samples.</summary>
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
