namespace EdgeFleet.ModelPrep.Inspecting;

/// <summary>What sets one model apart from another.</summary>
public sealed record ModelDifference
{
    /// <summary>The first.</summary>
    public required ModelSheet A { get; init; }

    /// <summary>The second.</summary>
    public required ModelSheet B { get; init; }

    /// <summary>Whether both files are the same bytes.</summary>
    public required bool IsSameFile { get; init; }

    /// <summary>Differences of inputs, outputs, opsets and what the files say of themselves; one sentence each.</summary>
    public required IReadOnlyList<string> Outside { get; init; }

    /// <summary>Operators whose number differs.</summary>
    public required IReadOnlyList<OperatorDifference> Operators { get; init; }

    /// <summary>Layers with weights that only one has; they are matched by name, and where names are others by place.</summary>
    public required IReadOnlyList<string> Layers { get; init; }

    /// <summary>Layers of both, those whose weights differ most first.</summary>
    public required IReadOnlyList<WeightDifference> Weights { get; init; }

    /// <summary>Answers side by side; null without data.</summary>
    public AnswerDifference? Answers { get; init; }
}

/// <summary>An operator's number in both.</summary>
/// <param name="Operator">The operator.</param>
/// <param name="A">In the first.</param>
/// <param name="B">In the second.</param>
public sealed record OperatorDifference(string Operator, int A, int B);

/// <summary>A layer's weights in both, int8 ones as the numbers they stand for.</summary>
/// <param name="Layer">Name in the first.</param>
/// <param name="Shape">Shape of the weights.</param>
/// <param name="TypeA">Type in the first.</param>
/// <param name="TypeB">Type in the second.</param>
/// <param name="Changed">Weights that differ.</param>
/// <param name="Of">Weights.</param>
/// <param name="Greatest">Greatest change of a weight.</param>
/// <param name="SqnrDb">Signal to noise: the first's weights over the change, dB; null where nothing changed.</param>
public sealed record WeightDifference(string Layer, IReadOnlyList<long> Shape, string TypeA, string TypeB, long Changed, long Of, float Greatest, double? SqnrDb);

/// <summary>Answers of both to the same samples.</summary>
/// <param name="Samples">Samples.</param>
/// <param name="Agreement">Share of equal answers; for boxes the F1 of those that match.</param>
/// <param name="ProbabilityChange">Mean change of the probability of the first's answer.</param>
/// <param name="Differing">Samples that are answered otherwise.</param>
/// <param name="RightA">Right answers of the first; null where nothing is labelled.</param>
/// <param name="RightB">Right answers of the second.</param>
/// <param name="Unreadable">Files that could not be read.</param>
public sealed record AnswerDifference(
    int Samples, double Agreement, double ProbabilityChange, IReadOnlyList<DifferingAnswer> Differing, int? RightA, int? RightB, IReadOnlyList<string> Unreadable);

/// <summary>A sample that is answered otherwise.</summary>
/// <param name="File">Its file.</param>
/// <param name="Label">True label; null where it is not known.</param>
/// <param name="A">Answer of the first, with its confidence.</param>
/// <param name="B">Answer of the second, with its confidence.</param>
public sealed record DifferingAnswer(string File, string? Label, string A, string B);
