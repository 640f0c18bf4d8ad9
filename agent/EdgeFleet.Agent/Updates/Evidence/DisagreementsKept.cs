using EdgeFleet.Agent.Alerts;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>A sample on which two models disagree, and its photo; empty where it has none.</summary>
internal readonly record struct DisagreementFound(Disagreement Seen, ReadOnlyMemory<byte> Photo);

/// <summary>
/// Keeps a few samples on which a candidate disagrees with the model that serves, as small photos or thinned readings. Of two answers that differ in the same way no
/// more than two are kept, so that the few show different kinds. Of boxes the labels are told, not where they are. One owner.
/// </summary>
/// <param name="most">How many are kept.</param>
/// <param name="active">The model that serves.</param>
/// <param name="candidate">The candidate.</param>
internal sealed class DisagreementsKept(int most, LoadedModel active, LoadedModel candidate)
{
    private const int OfOneKindMax = 2;
    private const string NoAnswer = "no answer";

    private readonly List<DisagreementFound> _found = [];

    /// <summary>Those that were kept.</summary>
    public IReadOnlyList<DisagreementFound> Found => [.. _found];

    /// <summary>Keeps one if there is room. A photo costs the slot's thread some milliseconds, as one of an alert does.</summary>
    public void Add(Sample sample, Answer answer, Answer? other)
    {
        if (_found.Count >= most)
            return;

        var (said, told) = (Words(answer, active.Manifest.Output.Labels), other is null ? NoAnswer : Words(other, candidate.Manifest.Output.Labels));
        if (_found.Count(f => f.Seen.Answer == said && f.Seen.CandidateAnswer == told) >= OfOneKindMax)
            return;

        var photo = AlertPhoto.Encode(sample);
        _found.Add(new DisagreementFound(
            new Disagreement
            {
                Model = active.Package.Label,
                Candidate = candidate.Package.Label,
                Answer = said,
                Confidence = Math.Round(answer.Confidence, 4),
                CandidateAnswer = told,
                CandidateConfidence = other is null ? 0 : Math.Round(other.Confidence, 4),
                Photo = photo.IsEmpty ? null : Sha256Digest.Of(photo.Span),
                Readings = sample.Kind == SampleKind.Window ? AlertPhoto.Thin(sample.Window, active.Manifest.Input.Channels) : null,
            },
            photo));
    }

    private static string Words(Answer answer, IReadOnlyList<string> labels)
    {
        if (answer is AnomalyAnswer)
            return answer.Label == 1 ? "anomaly" : "normal";
        if (answer is not DetectionAnswer boxes)
            return labels[answer.Label];

        var counts = new long[labels.Count];
        boxes.CountInto(counts);
        var named = counts.Select((count, label) => (Count: count, Label: label)).Where(c => c.Count > 0).OrderByDescending(c => c.Count).Take(5).Select(c => $"{c.Count} x {labels[c.Label]}");
        return boxes.Count == 0 ? "no box" : string.Join(", ", named);
    }
}
