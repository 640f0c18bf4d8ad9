using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Shared.Models.Evidence;

/// <summary>
/// A candidate beside the model that serves, over the same samples or over the minutes of either: answers, times, energy and what came out. Counts and sketches
/// alone, so that the evidence of many boards adds up exactly in any order. It says what was seen; judging it is for others.
/// </summary>
public sealed record CandidateEvidence
{
    /// <summary>One of <see cref="EvidenceStage"/>.</summary>
    public required string Stage { get; init; }

    /// <summary>The model it was compared with, as <c>name@version</c>.</summary>
    public required string Against { get; init; }

    /// <summary>How far the candidate's answers are the other's; null where the two did not answer the same samples, or answer with other labels.</summary>
    public AnswerAgreement? Agreement { get; init; }

    /// <summary>The candidate.</summary>
    public required ModelSide Candidate { get; init; }

    /// <summary>The model it was compared with.</summary>
    public required ModelSide Other { get; init; }

    /// <summary>Samples of the share that the candidate was not asked, because its time was used up.</summary>
    public long Skipped { get; init; }

    /// <summary>Samples of the share that it was not asked, because the board was hot, throttled or low on battery.</summary>
    public long Paused { get; init; }

    /// <summary>Energy that the board took while the candidate ran in shadow, in millijoule, all of it put down to the candidate; 0 where no meter is.</summary>
    public long SpentMj { get; init; }

    /// <summary>Samples that both were asked; in probation those of the candidate.</summary>
    public long Samples => Candidate.Answered + Candidate.Failed;

    /// <summary>This evidence and that of other boards or times, of the same stage and against the same model.</summary>
    /// <exception cref="ArgumentException">It is of another stage or another model.</exception>
    public CandidateEvidence Plus(CandidateEvidence other) => Stage != other.Stage || Against != other.Against
        ? throw new ArgumentException($"Evidence of {other.Stage} against {other.Against} does not add to that of {Stage} against {Against}.", nameof(other))
        : this with
        {
            Agreement = Agreement is null ? other.Agreement : other.Agreement is null ? Agreement : Agreement.Plus(other.Agreement),
            Candidate = Candidate.Plus(other.Candidate),
            Other = Other.Plus(other.Other),
            Skipped = Skipped + other.Skipped,
            Paused = Paused + other.Paused,
            SpentMj = SpentMj + other.SpentMj,
        };

    /// <summary>In one sentence.</summary>
    public string Summary => FormattableString.Invariant(
        $"{(Agreement is { } a ? FormattableString.Invariant($"agrees with {Against} on {100 * a.Share:0.0} % of {a.Samples} samples") : $"beside {Against}: {Samples} samples")}, p95 {Candidate.RunUs.Quantile(0.95) / 1000:0.0} ms where it takes {Other.RunUs.Quantile(0.95) / 1000:0.0} ms{EnergyWords()}{LeftOutWords()}");

    private string EnergyWords() => (Candidate.MeanEnergyUj, Other.MeanEnergyUj) is ({ } mine, { } theirs)
        ? FormattableString.Invariant($", {mine / 1000:0.0} mJ where it takes {theirs / 1000:0.0} mJ")
        : "";

    private string LeftOutWords() =>
        (Skipped > 0 ? FormattableString.Invariant($"; {Skipped} samples passed over for want of time") : "")
        + (Paused > 0 ? FormattableString.Invariant($"; {Paused} while the board was strained") : "");
}

/// <summary>Where evidence comes from.</summary>
public static class EvidenceStage
{
    /// <summary>Both answered the candidate's golden set, in turns, in a process of their own.</summary>
    public const string Rehearsal = "rehearsal";

    /// <summary>The candidate answered a share of the live samples after the model that serves; its answers counted for nothing.</summary>
    public const string Shadow = "shadow";

    /// <summary>The candidate's minutes on probation, and the last minutes of the model before.</summary>
    public const string Probation = "probation";
}
