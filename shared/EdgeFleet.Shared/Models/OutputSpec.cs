namespace EdgeFleet.Shared.Models;

/// <summary>How the model's outputs become an answer. <see cref="Boxes"/> makes it a detection, <see cref="Score"/> an anomaly score; without either it is one label.</summary>
public sealed record OutputSpec
{
    /// <summary>Name of the model's output: label scores, boxes, or the anomaly score.</summary>
    public required string Tensor { get; init; }

    /// <summary><c>softmax</c>, <c>sigmoid</c> or <c>none</c>, applied to label scores to get a confidence.</summary>
    public required string Activation { get; init; }

    /// <summary>Labels by output index; <c>normal</c> and <c>anomaly</c> for a score.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>Confidence from which an answer counts for alerts.</summary>
    public double ConfidenceMin { get; set; } = 0.5;

    /// <summary>Bounds within which desired state may change <see cref="ConfidenceMin"/>.</summary>
    public double ConfidenceMinLow { get; set; } = 0.3;

    /// <inheritdoc cref="ConfidenceMinLow"/>
    public double ConfidenceMinHigh { get; set; } = 0.99;

    /// <summary>How boxes are read, for object detection.</summary>
    public BoxSpec? Boxes { get; init; }

    /// <summary>How an anomaly is told from the normal, for an anomaly score.</summary>
    public ScoreSpec? Score { get; init; }

    /// <summary>Labels of a score, by index.</summary>
    public static IReadOnlyList<string> ScoreLabels { get; } = ["normal", "anomaly"];

    /// <summary>The outputs that are read, with their shape for one sample, in the order in which an answer is made of them.</summary>
    internal IReadOnlyList<(string Tensor, long[] Shape)> Tensors(InputSpec input)
    {
        if (Boxes is { } boxes)
            return boxes.Tensors(Tensor, Labels.Count);

        long[] shape = Score switch
        {
            null => [1, Labels.Count],
            { Kind: ScoreKind.Scalar } => [1, 1],
            _ => input.Shape,
        };
        return [(Tensor, shape)];
    }
}

/// <summary>
/// How boxes are read. A candidate takes its best label; candidates below <see cref="ScoreMin"/> are left out; boxes are cut at the image's edge and overlapping
/// ones of the same label are suppressed, the best first. A model decodes its anchors itself: what it gives are coordinates.
/// </summary>
public sealed record BoxSpec
{
    /// <summary>Order of the axes: <c>NAC</c> (candidates, then values) or <c>NCA</c> (values, then candidates).</summary>
    public required string Layout { get; init; }

    /// <summary>Candidate boxes that the model gives for every image.</summary>
    public required int Candidates { get; init; }

    /// <summary><c>xyxy</c> (left, top, right, bottom), <c>yxyx</c> (top, left, bottom, right) or <c>cxcywh</c> (centre, size).</summary>
    public required string Coordinates { get; init; }

    /// <summary><c>pixels</c> of the model's input, or <c>normalised</c> to 0..1.</summary>
    public required string Unit { get; init; }

    /// <summary>Output with the label scores, when they stand apart from the boxes; null when each candidate's four coordinates are followed by its scores.</summary>
    public string? ScoresTensor { get; init; }

    /// <summary>Output with the number of candidates that count, the first ones, <c>[N]</c> or <c>[N, 1]</c>; null when all do.</summary>
    public string? CountTensor { get; init; }

    /// <summary>True when a score of its own stands before the label scores and is multiplied with them.</summary>
    public bool Objectness { get; init; }

    /// <summary>True when the first score is of the background, which is no label.</summary>
    public bool Background { get; init; }

    /// <summary>Score below which a candidate is no box.</summary>
    public double ScoreMin { get; set; } = 0.25;

    /// <summary>Overlap (intersection over union) above which the weaker of two boxes of one label is dropped; 1 keeps both.</summary>
    public double IouMax { get; set; } = 0.45;

    /// <summary>Most boxes of an image.</summary>
    public int BoxesMax { get; set; } = 100;

    /// <summary>Scores of one candidate.</summary>
    internal int Scores(int labels) => labels + (Background ? 1 : 0) + (Objectness ? 1 : 0);

    internal IReadOnlyList<(string Tensor, long[] Shape)> Tensors(string boxes, int labels)
    {
        long[] Shape(long values) => Layout == "NAC" ? [1, Candidates, values] : [1, values, Candidates];
        List<(string, long[])> tensors = ScoresTensor is null
            ? [(boxes, Shape(4 + Scores(labels)))]
            : [(boxes, Shape(4)), (ScoresTensor, Shape(Scores(labels)))];
        if (CountTensor is not null)
            tensors.Add((CountTensor, [1, 1]));
        return tensors;
    }
}

/// <summary>The kinds of anomaly score.</summary>
public static class ScoreKind
{
    /// <summary>The model gives the score itself, one value.</summary>
    public const string Scalar = "scalar";

    /// <summary>The model gives its input back as well as it can; the score is the mean square of the difference.</summary>
    public const string SquaredError = "squared-error";

    /// <summary>The same with the mean absolute difference.</summary>
    public const string AbsoluteError = "absolute-error";
}

/// <summary>How an anomaly is told from the normal.</summary>
public sealed record ScoreSpec
{
    /// <summary>One of <see cref="ScoreKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>above</c> when an anomaly scores above the threshold, <c>below</c> when below.</summary>
    public string Direction { get; set; } = "above";

    /// <summary>Score from which a sample is an anomaly.</summary>
    public required double Threshold { get; init; }

    /// <summary>Bounds within which desired state may change <see cref="Threshold"/> for alerts.</summary>
    public required double ThresholdLow { get; init; }

    /// <inheritdoc cref="ThresholdLow"/>
    public required double ThresholdHigh { get; init; }

    /// <summary>What counts as a large difference of scores: the deviation of normal samples, above 0. At the threshold the confidence is 0.5, so far beyond it 0.73.</summary>
    public required double Spread { get; init; }
}
