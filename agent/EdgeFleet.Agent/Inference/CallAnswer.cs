using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Inference;

/// <summary>What became of a <see cref="ModelCall"/>. A closed set.</summary>
internal abstract record CallAnswer
{
    /// <summary>The model answered.</summary>
    /// <param name="Outputs">Output tensors as the model gave them, in the order of the manifest.</param>
    /// <param name="Read">What it comes down to.</param>
    /// <param name="Times">Where the time went.</param>
    internal sealed record Answered(IReadOnlyList<float[]> Outputs, ReadAnswer Read, StageTimes Times) : CallAnswer;

    /// <summary>The input cannot be used, in a sentence.</summary>
    internal sealed record Unfit(string Why) : CallAnswer;

    /// <summary>The model failed, in a sentence.</summary>
    internal sealed record Failed(string Why) : CallAnswer;

    /// <summary>Another model serves now than the one that the input was made for.</summary>
    internal sealed record Changed : CallAnswer;

    /// <summary>The agent stops.</summary>
    internal sealed record Closed : CallAnswer;
}

/// <summary>An answer that was read from a model's outputs. Of its parts those are filled that fit the model's task.</summary>
/// <param name="Label">Index of the label that it comes down to; -1 for a detection without a box.</param>
/// <param name="Confidence">How sure.</param>
/// <param name="Confidences">By label, for one label of several.</param>
/// <param name="Boxes">Boxes, the surest first, for a detection.</param>
/// <param name="Score">Anomaly score; null for other tasks.</param>
internal sealed record ReadAnswer(int Label, float Confidence, IReadOnlyList<float> Confidences, IReadOnlyList<Box> Boxes, double? Score)
{
    /// <summary>Copies an answer, which the next run overwrites.</summary>
    public static ReadAnswer Of(Answer answer) => new(
        answer.Label,
        answer.Confidence,
        (answer as ClassAnswer)?.Confidences.ToArray() ?? [],
        (answer as DetectionAnswer)?.Boxes.ToArray() ?? [],
        (answer as AnomalyAnswer)?.Score);
}
