using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Shared.Models.Evidence;

/// <summary>Gathers the evidence of two models that answer the same samples. One owner.</summary>
/// <param name="stage">One of <see cref="EvidenceStage"/>.</param>
/// <param name="candidate">The candidate.</param>
/// <param name="other">The model it is compared with.</param>
public sealed class PairedEvidence(string stage, Manifest candidate, Manifest other)
{
    // Answers are compared as they are read, so nothing is activated a second time.
    private readonly OutputSpec _output = candidate.Output with { Activation = "none" };
    private readonly bool _isComparable = AreComparable(candidate.Output, other.Output);
    private readonly ModelSideBuilder _candidate = new(candidate.Output.Labels.Count);
    private readonly ModelSideBuilder _other = new(other.Output.Labels.Count);
    private AnswerAgreement _agreement = new();
    private long _skipped;
    private long _paused;

    /// <summary>Takes a sample in that both were asked.</summary>
    /// <param name="answer">The candidate's answer; null when it failed.</param>
    /// <param name="runUs">Time of the candidate's run, microseconds.</param>
    /// <param name="otherAnswer">The other's answer; null when it failed.</param>
    /// <param name="otherRunUs">Time of the other's run, microseconds.</param>
    /// <returns>False when the two can be compared and disagree.</returns>
    public bool Add(Answer? answer, double runUs, Answer? otherAnswer, double otherRunUs)
    {
        _candidate.Add(answer, runUs);
        _other.Add(otherAnswer, otherRunUs);
        if (!_isComparable || otherAnswer is null)
            return true;

        var one = AnswerComparison.Compare(_output, KeptAnswer.AsRead(otherAnswer), answer is null ? null : KeptAnswer.AsRead(answer));
        _agreement = _agreement.Plus(one);
        return one.Same == one.Samples;
    }

    /// <summary>Takes the times of a repeated sample in, whose answers are known.</summary>
    public void AddTimes(double runUs, double otherRunUs)
    {
        _candidate.AddTime(runUs);
        _other.AddTime(otherRunUs);
    }

    /// <summary>Counts a sample that the candidate had no time for.</summary>
    public void Skip() => _skipped++;

    /// <summary>Counts a sample that the candidate was not shown, because the board was hot, throttled or low on battery.</summary>
    public void Pause() => _paused++;

    /// <summary>The evidence so far.</summary>
    public CandidateEvidence Build() => new()
    {
        Stage = stage,
        Against = $"{other.Name}@{other.Version}",
        Agreement = _isComparable ? _agreement : null,
        Candidate = _candidate.Build(),
        Other = _other.Build(),
        Skipped = _skipped,
        Paused = _paused,
    };

    private static bool AreComparable(OutputSpec a, OutputSpec b) =>
        a.Labels.SequenceEqual(b.Labels) && a.Boxes is null == b.Boxes is null && a.Score is null == b.Score is null;
}
