using System.Text.Json.Serialization;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Messages;

/// <summary>Sketches and bins of one slot and one model for an hour (or the shorter span that a board's configuration asks for). Profiles merge exactly.</summary>
public sealed record HourlyProfile
{
    /// <summary>Slot.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>Begin of the span, Unix ms of the device.</summary>
    public required long At { get; init; }

    /// <summary>Length of the span in seconds.</summary>
    public required int Seconds { get; init; }

    /// <summary>Model, as <c>name@version</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Variant that ran.</summary>
    public required string Variant { get; init; }

    /// <summary>Samples answered without failure.</summary>
    public long Answered { get; init; }

    /// <summary>Samples that failed.</summary>
    public long Failed { get; init; }

    /// <summary>Time from source to start of preparation, microseconds.</summary>
    public required DdSketch QueueUs { get; init; }

    /// <summary>Time to decode and prepare, microseconds.</summary>
    public required DdSketch PrepareUs { get; init; }

    /// <summary>Time of the model's run, microseconds.</summary>
    public required DdSketch InferUs { get; init; }

    /// <summary>Time from the raw output to the folded result, microseconds.</summary>
    public required DdSketch PostUs { get; init; }

    /// <summary>Inputs by feature, in the bins of the package's reference.</summary>
    [JsonConverter(typeof(PackedFeatures))]
    public IReadOnlyList<FeatureProfile> Inputs { get; set; } = [];

    /// <summary>Energy per inference; null where it is not measured.</summary>
    public ProfileEnergy? Energy { get; set; }

    /// <summary>Answers by label, in the manifest's order; for object detection boxes.</summary>
    public IReadOnlyList<long> Outputs { get; set; } = [];

    /// <summary>Confidence of the answers in the bins of the reference; for object detection of the best box (0 without one), for an anomaly score the score itself.</summary>
    public FeatureProfile? Confidence { get; init; }

    /// <summary>Entropy of the answers in the bins of the reference; null where the reference has none.</summary>
    public FeatureProfile? Entropy { get; init; }

    /// <summary>State of drift on the board at the end of the span, in the words of <see cref="DriftState"/>; null where it is not watched.</summary>
    public string? Drift { get; init; }

    /// <summary>Size of the largest difference to the site's baseline in the newest window, in hundredths of the feature's spread; null while it is learned.</summary>
    public int? DriftSize { get; init; }
}

/// <summary>One feature over a span: counts in fixed bins, exact, and moments, of which four digits travel (three of least and greatest).</summary>
[JsonConverter(typeof(PackedFeature))]
public sealed record FeatureProfile
{
    /// <summary>Name of the feature, for example <c>red</c> or <c>vibration</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Counts by bin; the first and last are under- and overflow.</summary>
    public required IReadOnlyList<long> Counts { get; init; }

    /// <summary>Moments of the values.</summary>
    public required Moments Moments { get; init; }
}

/// <summary>Consecutive hourly profiles.</summary>
public sealed record ProfileBatch : IRecordBatch
{
    /// <inheritdoc/>
    public int V { get; set; } = 1;

    /// <inheritdoc/>
    public required string Epoch { get; init; }

    /// <inheritdoc/>
    public required long Low { get; init; }

    /// <inheritdoc/>
    public required long First { get; init; }

    /// <inheritdoc/>
    public int Count => Records.Count;

    /// <summary>The records, without a gap.</summary>
    public required IReadOnlyList<HourlyProfile> Records { get; init; }
}
