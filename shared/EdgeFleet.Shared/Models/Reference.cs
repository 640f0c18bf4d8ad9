using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Models;

/// <summary>How inputs and outputs looked on the package's own labelled data: the bins that every board counts in, and the counts to compare with.</summary>
public sealed record Reference
{
    /// <summary>Samples behind it.</summary>
    public required long Samples { get; init; }

    /// <summary>One entry a channel: <c>red</c>, <c>green</c>, <c>blue</c> for images (a value a sample: the channel's mean over its pixels, 0..255), the column names for series (a value a reading, before scaling).</summary>
    public required IReadOnlyList<FeatureReference> Inputs { get; init; }

    /// <summary>Answers of the float model by label; for object detection boxes.</summary>
    public required IReadOnlyList<long> Outputs { get; init; }

    /// <summary>Confidence of the answers, 0 to 1; for an anomaly score the score itself.</summary>
    public required FeatureReference Confidence { get; init; }

    /// <summary>Calibration map for label-free accuracy.</summary>
    public IReadOnlyList<CalibrationStep> Calibration { get; set; } = [];
}

/// <summary>A feature's bins with the counts and moments it had.</summary>
public sealed record FeatureReference
{
    /// <summary>Name of the feature.</summary>
    public required string Name { get; init; }

    /// <summary>Inner edges of the bins, growing; n edges make n + 1 bins, the outer two open.</summary>
    public required IReadOnlyList<double> Edges { get; init; }

    /// <summary>Counts by bin.</summary>
    public required IReadOnlyList<long> Counts { get; init; }

    /// <summary>Moments of the values.</summary>
    public required Moments Moments { get; init; }
}

/// <summary>Of answers with a confidence up to this one, so many were right.</summary>
public sealed record CalibrationStep
{
    /// <summary>Upper end of the confidence range, inclusive.</summary>
    public required double ConfidenceTo { get; init; }

    /// <summary>Answers in the range.</summary>
    public required long Answers { get; init; }

    /// <summary>Of them right.</summary>
    public required long Right { get; init; }
}
