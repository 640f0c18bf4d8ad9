using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Shared.Models;

/// <summary>Accuracy and agreement of every variant against the float model, as measured when the package was made.</summary>
public sealed record PackageReport
{
    /// <summary>Accuracy of the float model by split, for example <c>val</c>, <c>test</c>.</summary>
    public required IReadOnlyDictionary<string, SplitScore> Float { get; init; }

    /// <summary>The variants.</summary>
    public required IReadOnlyList<VariantReport> Variants { get; init; }

    /// <summary>Files of the data that could not be read.</summary>
    public IReadOnlyList<string> Unreadable { get; set; } = [];
}

/// <summary>Right answers on a split.</summary>
public sealed record SplitScore
{
    /// <summary>Samples.</summary>
    public required int Samples { get; init; }

    /// <summary>Right answers.</summary>
    public required int Right { get; init; }

    /// <summary>Answers equal to the float model's.</summary>
    public required int Agreed { get; init; }

    /// <summary>False when nobody has said what is right; then only the agreement was measured.</summary>
    public bool IsLabelled { get; set; } = true;

    /// <summary>F1 of the boxes that match the float model's, for object detection.</summary>
    public double? BoxF1 { get; init; }

    /// <summary>Mean average precision at an overlap of 0.5, for object detection with true boxes.</summary>
    public double? MeanAveragePrecision { get; init; }

    /// <summary>Share of right answers; for object detection the mean average precision.</summary>
    public double Accuracy => MeanAveragePrecision ?? (Samples == 0 ? 0 : (double)Right / Samples);

    /// <summary>Share of answers equal to the float model's; for object detection the F1 of the boxes that match.</summary>
    public double Agreement => BoxF1 ?? (Samples == 0 ? 0 : (double)Agreed / Samples);
}

/// <summary>One variant in the report.</summary>
public sealed record VariantReport
{
    /// <summary>Name of the variant.</summary>
    public required string Name { get; init; }

    /// <summary>Bytes of the ONNX file.</summary>
    public required long Size { get; init; }

    /// <summary>Scores by split.</summary>
    public required IReadOnlyDictionary<string, SplitScore> Splits { get; init; }

    /// <summary>Signal to quantization noise of the raw outputs on validation, in dB.</summary>
    public required double SqnrDb { get; init; }

    /// <summary>What is wrong with the variant, in one sentence; null when nothing is.</summary>
    public string? Refused { get; init; }
}

/// <summary>What a board's rehearsal found, printed by the child process as one line of JSON.</summary>
public sealed record RehearsalReport
{
    /// <summary>True when the candidate passed.</summary>
    public required bool Passed { get; init; }

    /// <summary>The verdict in one sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>How a rollout takes a failure.</summary>
    public FailureKind? Failure { get; init; }

    /// <summary>Golden items with the expected answer, of how many.</summary>
    public int Agreed { get; init; }

    /// <inheritdoc cref="Agreed"/>
    public int Items { get; init; }

    /// <summary>95th percentile of a run after warm-up, milliseconds.</summary>
    public double P95LatencyMs { get; init; }

    /// <summary>Resident memory that the candidate added, MB.</summary>
    public double MemoryMb { get; init; }
}
