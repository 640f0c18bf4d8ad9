using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Models;

/// <summary>How inputs and outputs looked on the package's own labelled data: the bins that every board counts in, and the counts to compare with.</summary>
public sealed record Reference
{
    /// <summary>Samples behind it.</summary>
    public required long Samples { get; init; }

    /// <summary>
    /// Inputs by feature. For images the <see cref="ImageFeatures"/> of a set of photos, a value a sample; packages made before there were as many have
    /// <c>red</c>, <c>green</c>, <c>blue</c> only. For series the column names, a value a reading, before scaling. Names that a board does not know stay empty there.
    /// </summary>
    public required IReadOnlyList<FeatureReference> Inputs { get; init; }

    /// <summary>Answers of the float model by label; for object detection boxes.</summary>
    public required IReadOnlyList<long> Outputs { get; init; }

    /// <summary>Confidence of the answers, 0 to 1; for an anomaly score the score itself.</summary>
    public required FeatureReference Confidence { get; init; }

    /// <summary>Entropy of the answers in bits; null in packages made before it was kept.</summary>
    public FeatureReference? Entropy { get; init; }

    /// <summary>Calibration map of the float model, for label-free accuracy.</summary>
    public IReadOnlyList<CalibrationStep> Calibration { get; set; } = [];

    /// <summary>How sure each variant is, and how often rightly: a quantized model needs a map of its own.</summary>
    public IReadOnlyList<VariantCalibration> Variants { get; set; } = [];

    /// <summary>The calibration of a variant; the float model's where it has none of its own.</summary>
    public VariantCalibration CalibrationOf(string variant) =>
        Variants.FirstOrDefault(v => v.Variant == variant) ?? new VariantCalibration { Variant = variant, Steps = Calibration };
}

/// <summary>Calibration of one variant, fitted on validation data.</summary>
public sealed record VariantCalibration
{
    /// <summary>Name of the variant.</summary>
    public required string Variant { get; init; }

    /// <summary>The map.</summary>
    public required IReadOnlyList<CalibrationStep> Steps { get; init; }

    /// <summary>Average thresholded confidence (ATC, arXiv 2201.04234): on validation the share of answers with a confidence below it was the share of wrong ones. Null when unknown.</summary>
    public double? Threshold { get; init; }
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
