using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Models.Evidence;

/// <summary>One model's side of evidence.</summary>
public sealed record ModelSide
{
    /// <summary>Samples answered without failure.</summary>
    public long Answered { get; init; }

    /// <summary>Samples that the model failed.</summary>
    public long Failed { get; init; }

    /// <summary>Times of its runs in microseconds; in probation the 95th percentile of each minute.</summary>
    public required DdSketch RunUs { get; init; }

    /// <summary>Answers by label, for object detection boxes; empty in probation, where minutes do not say.</summary>
    public IReadOnlyList<long> Outputs { get; set; } = [];

    /// <summary>Sum of the confidences of its answers, in millionths.</summary>
    public long ConfidenceMillionths { get; init; }

    /// <summary>Energy of the samples that it is known of, in microjoule.</summary>
    public long EnergyUj { get; init; }

    /// <summary>Samples that the energy is known of; 0 where no meter is.</summary>
    public long EnergySamples { get; init; }

    /// <summary>Mean confidence; null when nothing was answered.</summary>
    public double? MeanConfidence => Answered == 0 ? null : ConfidenceMillionths / 1e6 / Answered;

    /// <summary>Energy of a sample in microjoule; null where no meter is.</summary>
    public double? MeanEnergyUj => EnergySamples == 0 ? null : (double)EnergyUj / EnergySamples;

    /// <summary>Both together. Lists of labels of different length are those of different models and make none.</summary>
    public ModelSide Plus(ModelSide other) => new()
    {
        Answered = Answered + other.Answered,
        Failed = Failed + other.Failed,
        RunUs = DdSketch.Merge(RunUs, other.RunUs),
        Outputs = Outputs.Count == other.Outputs.Count ? [.. Outputs.Zip(other.Outputs, (a, b) => a + b)] : [],
        ConfidenceMillionths = ConfidenceMillionths + other.ConfidenceMillionths,
        EnergyUj = EnergyUj + other.EnergyUj,
        EnergySamples = EnergySamples + other.EnergySamples,
    };

    /// <summary>The side of a model by its minute rows; energy net of the idle board where that is known.</summary>
    public static ModelSide OfMinutes(IEnumerable<MinuteRow> rows)
    {
        var (side, sketch) = (new ModelSide { RunUs = new DdSketch() }, new SketchBuilder());
        foreach (var row in rows)
        {
            if (row.Answered > 0)
                sketch.Add(row.P95Us);
            side = side with
            {
                Answered = side.Answered + row.Answered,
                Failed = side.Failed + row.Failed,
                ConfidenceMillionths = side.ConfidenceMillionths + row.Answered * 1000 * (row.Confidence ?? 0),
                EnergyUj = side.EnergyUj + row.Answered * ((row.EnergyNetUj ?? row.EnergyUj) ?? 0),
                EnergySamples = side.EnergySamples + ((row.EnergyNetUj ?? row.EnergyUj) is null ? 0 : row.Answered),
            };
        }

        return side with { RunUs = sketch.Build() };
    }
}

/// <summary>Gathers one model's side, sample by sample. One owner.</summary>
/// <param name="labels">Labels of the model.</param>
public sealed class ModelSideBuilder(int labels)
{
    private readonly SketchBuilder _runUs = new();
    private readonly long[] _outputs = new long[labels];
    private long _answered;
    private long _failed;
    private long _confidence;

    /// <summary>Takes a run in.</summary>
    /// <param name="answer">Its answer; null when it failed or was not a number.</param>
    /// <param name="runUs">Its time in microseconds.</param>
    public void Add(Answer? answer, double runUs)
    {
        if (answer is null)
        {
            _failed++;
            return;
        }

        _answered++;
        _runUs.Add(runUs);
        _confidence += (long)Math.Round(1e6 * answer.Confidence);
        answer.CountInto(_outputs);
    }

    /// <summary>Takes the time of a repeated run in, whose answer is known.</summary>
    public void AddTime(double runUs) => _runUs.Add(runUs);

    /// <summary>The side so far.</summary>
    public ModelSide Build() => new()
    {
        Answered = _answered,
        Failed = _failed,
        RunUs = _runUs.Build(),
        Outputs = [.. _outputs],
        ConfidenceMillionths = _confidence,
    };
}
