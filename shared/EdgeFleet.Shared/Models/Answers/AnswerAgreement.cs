namespace EdgeFleet.Shared.Models.Answers;

/// <summary>How far a model's answers agree with another's over samples. Whole numbers alone, so that sums of sums are exact in any order.</summary>
public sealed record AnswerAgreement
{
    /// <summary>Samples compared.</summary>
    public long Samples { get; init; }

    /// <summary>Samples with the same answer: the same label, the same boxes, the same side of the threshold.</summary>
    public long Same { get; init; }

    /// <summary>Boxes of the other model.</summary>
    public long Expected { get; init; }

    /// <summary>Boxes of this model.</summary>
    public long Given { get; init; }

    /// <summary>Boxes of the two that match: the same label, and an overlap of <see cref="AnswerComparison.IouMin"/> at least.</summary>
    public long Matched { get; init; }

    /// <summary>Sum of the changes of confidence, in millionths.</summary>
    public long ChangeMillionths { get; init; }

    /// <summary>Changes of confidence that were summed: one a sample, for boxes one a match.</summary>
    public long Changes { get; init; }

    /// <summary>Samples that this model answered with a value that is not a number.</summary>
    public long NotNumbers { get; init; }

    /// <summary>Share of samples with the same answer; where there are boxes, the F1 of those that match.</summary>
    public double Share => Expected + Given > 0 ? 2.0 * Matched / (Expected + Given) : Samples == 0 ? 0 : (double)Same / Samples;

    /// <summary>Mean change of confidence; 0 when there was none to compare.</summary>
    public double Change => Changes == 0 ? 0 : ChangeMillionths / 1e6 / Changes;

    /// <summary>This and other samples together.</summary>
    public AnswerAgreement Plus(AnswerAgreement other) => new()
    {
        Samples = Samples + other.Samples,
        Same = Same + other.Same,
        Expected = Expected + other.Expected,
        Given = Given + other.Given,
        Matched = Matched + other.Matched,
        ChangeMillionths = ChangeMillionths + other.ChangeMillionths,
        Changes = Changes + other.Changes,
        NotNumbers = NotNumbers + other.NotNumbers,
    };
}
