namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>Several models on the same labelled data, prepared and optimized as on a board.</summary>
public sealed record EvaluationReport
{
    /// <summary>The data, in words.</summary>
    public required string Data { get; init; }

    /// <summary>The split that was read.</summary>
    public required string Split { get; init; }

    /// <summary>What a sample is called: <c>photos</c> or <c>windows</c>.</summary>
    public required string Noun { get; init; }

    /// <summary>Samples that were asked.</summary>
    public required int Samples { get; init; }

    /// <summary>False when nobody has said what is right; then only agreement, size and times were measured.</summary>
    public required bool IsLabelled { get; init; }

    /// <summary>Labels, in the order of the outputs.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The float model that agreement is with; null when there is none.</summary>
    public string? Reference { get; init; }

    /// <summary>The models, the reference first.</summary>
    public required IReadOnlyList<ModelEvaluation> Models { get; init; }

    /// <summary>What quality was compared by.</summary>
    public IReadOnlyList<string> Dimensions { get; init; } = [];

    /// <summary>How energy was measured, or why it was not.</summary>
    public required string EnergyNote { get; init; }

    /// <summary>Files that could not be read, with the reason.</summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];

    /// <summary>What is worth knowing, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>One model.</summary>
public sealed record ModelEvaluation
{
    /// <summary>File name, for a package's variant <c>name@version/variant</c>.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the file.</summary>
    public required string Digest { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long Size { get; init; }

    /// <summary>Whether it has integers in it.</summary>
    public required bool IsQuantized { get; init; }

    /// <summary>Right answers; null where the data is not labelled.</summary>
    public ShareEstimate? Right { get; init; }

    /// <summary>Mean average precision at an overlap of 0.5, for object detection.</summary>
    public double? MeanAveragePrecision { get; init; }

    /// <summary>Answers that were not a number.</summary>
    public int NotNumbers { get; init; }

    /// <summary>Recall and precision by label.</summary>
    public IReadOnlyList<LabelScore> PerLabel { get; init; } = [];

    /// <summary>Counts by true label, then by answer; empty for object detection.</summary>
    public IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; } = [];

    /// <summary>How honest its confidence is; null where it is no probability of one label.</summary>
    public CalibrationError? Calibration { get; init; }

    /// <summary>Beside the reference; null for the reference itself or without one.</summary>
    public Beside? Beside { get; init; }

    /// <summary>Time of one run, one thread; null when it was not asked for.</summary>
    public LatencySpread? Latency { get; init; }

    /// <summary>Energy of one run in millijoule, gross: all that the processor took meanwhile; null where no sensor is.</summary>
    public EnergySpread? Energy { get; init; }

    /// <summary>Quality by segment.</summary>
    public IReadOnlyList<SegmentScore> Segments { get; init; } = [];

    /// <summary>Who is served worse, one sentence each; a gap that chance explains is not named.</summary>
    public IReadOnlyList<string> Gaps { get; init; } = [];
}

/// <summary>A share with its interval (Wilson, 95 %).</summary>
/// <param name="Hits">Hits.</param>
/// <param name="Of">Trials.</param>
/// <param name="Share">Their share.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public sealed record ShareEstimate(int Hits, int Of, double Share, double Low, double High)
{
    /// <summary>The share of hits in trials.</summary>
    public static ShareEstimate Of95(int hits, int of) => new(hits, of, of == 0 ? 0 : (double)hits / of,
        EdgeFleet.Shared.Statistics.Wilson.LowerBound(hits, of, ShareDifference.TwoSided95), EdgeFleet.Shared.Statistics.Wilson.UpperBound(hits, of, ShareDifference.TwoSided95));
}

/// <summary>How one label is found.</summary>
/// <param name="Label">The label.</param>
/// <param name="Recall">Of the samples (boxes) that have it, those found.</param>
/// <param name="Precision">Of the answers that say it, those that are right; null when none says it.</param>
public sealed record LabelScore(string Label, ShareEstimate Recall, double? Precision);

/// <summary>Beside the float model, sample by sample.</summary>
/// <param name="Agreement">Share of equal answers; for object detection the F1 of the boxes that match.</param>
/// <param name="ProbabilityChange">Mean change of the probability of the float model's answer.</param>
/// <param name="Lost">Samples that the float model answers rightly and this one does not; null where nothing is labelled.</param>
/// <param name="Gained">The reverse.</param>
public sealed record Beside(double Agreement, double ProbabilityChange, int? Lost, int? Gained);

/// <summary>Times of single runs, one thread, in blocks that take turns over the models, so that whatever else the machine does falls on all.</summary>
/// <param name="MedianMs">Median over the blocks of their median run, milliseconds.</param>
/// <param name="LowMs">Least block.</param>
/// <param name="HighMs">Greatest block.</param>
/// <param name="P95Ms">95th percentile of all runs.</param>
/// <param name="Blocks">Blocks.</param>
/// <param name="Runs">Runs in all.</param>
/// <param name="Ratio">Median over the blocks of the first model's time over this one's: above 1 is faster.</param>
/// <param name="RatioLow">Least of the blocks.</param>
/// <param name="RatioHigh">Greatest of the blocks.</param>
public sealed record LatencySpread(double MedianMs, double LowMs, double HighMs, double P95Ms, int Blocks, int Runs, double Ratio, double RatioLow, double RatioHigh);

/// <summary>Energy of one run over blocks that take turns.</summary>
/// <param name="MedianMj">Median of the blocks, millijoule.</param>
/// <param name="LowMj">Least block.</param>
/// <param name="HighMj">Greatest block.</param>
public sealed record EnergySpread(double MedianMj, double LowMj, double HighMj);

/// <summary>How a model does on one segment.</summary>
/// <param name="Dimension">What is compared by.</param>
/// <param name="Segment">The segment.</param>
/// <param name="Right">Right answers in it.</param>
/// <param name="Others">Right answers in all other segments of the dimension.</param>
/// <param name="Difference">Share here less share there; below 0 is worse. Null where there are too few.</param>
/// <param name="Low">Lower end of the difference, 95 % over all comparisons of the model at once.</param>
/// <param name="High">Upper end.</param>
/// <param name="FromMix">The part of the difference that the mix of labels explains; null where labels are the dimension or not known.</param>
/// <param name="IsWorse">The interval lies below 0.</param>
public sealed record SegmentScore(
    string Dimension, string Segment, ShareEstimate Right, ShareEstimate Others, double? Difference, double? Low, double? High, double? FromMix, bool IsWorse);
