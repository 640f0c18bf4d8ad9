namespace EdgeFleet.Shared.Models.Answers;

/// <summary>
/// What a model says of one sample: <see cref="ClassAnswer"/>, <see cref="DetectionAnswer"/> or <see cref="AnomalyAnswer"/>. One object a model, filled anew for
/// every sample: who wants to keep it takes <see cref="KeptAnswer.Of"/>.
/// </summary>
public abstract class Answer
{
    private protected Answer()
    {
    }

    /// <summary>The label it comes down to: the class, the best box's label (-1 without a box), 1 for an anomaly and else 0.</summary>
    public abstract int Label { get; }

    /// <summary>How sure of it, 0 to 1: of the class, of the best box (0 without one), of being an anomaly (0.5 at the threshold).</summary>
    public abstract float Confidence { get; }

    /// <summary>The value whose distribution is watched: the confidence, or the raw anomaly score.</summary>
    public virtual double Watched => Confidence;

    /// <summary>Adds it to counts by label: one for a class or a score, one a box for a detection.</summary>
    public abstract void CountInto(Span<long> labels);
}

/// <summary>One label of several.</summary>
public sealed class ClassAnswer : Answer
{
    private readonly float[] _confidences;
    private int _label;

    internal ClassAnswer(int labels) => _confidences = new float[labels];

    /// <summary>An answer of known confidences.</summary>
    public ClassAnswer(IReadOnlyList<float> confidences)
        : this(confidences.Count) => Fill("none", [.. confidences]);

    /// <inheritdoc/>
    public override int Label => _label;

    /// <inheritdoc/>
    public override float Confidence => _confidences[_label];

    /// <summary>Confidence by label.</summary>
    public ReadOnlySpan<float> Confidences => _confidences;

    /// <inheritdoc/>
    public override void CountInto(Span<long> labels) => labels[_label]++;

    internal bool Fill(string activation, ReadOnlySpan<float> raw)
    {
        raw.CopyTo(_confidences);
        _label = Activation.Apply(activation, _confidences);
        return _label >= 0;
    }
}

/// <summary>Boxes, the surest first.</summary>
public sealed class DetectionAnswer : Answer
{
    private readonly Box[] _boxes;

    internal DetectionAnswer(int boxesMax) => _boxes = new Box[boxesMax];

    /// <summary>An answer of known boxes, the surest first.</summary>
    public DetectionAnswer(IReadOnlyList<Box> boxes) => (_boxes, Count) = ([.. boxes], boxes.Count);

    /// <inheritdoc/>
    public override int Label => Count == 0 ? -1 : _boxes[0].Label;

    /// <inheritdoc/>
    public override float Confidence => Count == 0 ? 0 : _boxes[0].Score;

    /// <summary>The boxes, the surest first.</summary>
    public ReadOnlySpan<Box> Boxes => _boxes.AsSpan(0, Count);

    /// <summary>Number of boxes.</summary>
    public int Count { get; internal set; }

    internal Span<Box> Room => _boxes;

    /// <inheritdoc/>
    public override void CountInto(Span<long> labels)
    {
        foreach (var box in Boxes)
            labels[box.Label]++;
    }
}

/// <summary>How unlike normal a sample is.</summary>
public sealed class AnomalyAnswer : Answer
{
    private readonly ScoreSpec _spec;

    internal AnomalyAnswer(ScoreSpec spec) => _spec = spec;

    /// <summary>An answer of a known score.</summary>
    public AnomalyAnswer(ScoreSpec spec, double score) => (_spec, Score) = (spec, score);

    /// <summary>The score itself.</summary>
    public double Score { get; internal set; }

    /// <inheritdoc/>
    public override int Label => Confidence >= 0.5f ? 1 : 0;

    /// <inheritdoc/>
    public override float Confidence => ConfidenceAt(Score, _spec, _spec.Threshold);

    /// <inheritdoc/>
    public override double Watched => Score;

    /// <inheritdoc/>
    public override void CountInto(Span<long> labels) => labels[Label]++;

    /// <summary>Confidence by another threshold, as desired state may set it.</summary>
    public float ConfidenceAt(double threshold) => ConfidenceAt(Score, _spec, threshold);

    /// <summary>The logistic function of how many spreads a score lies beyond a threshold.</summary>
    public static float ConfidenceAt(double score, ScoreSpec spec, double threshold)
    {
        var beyond = (spec.Direction == "below" ? threshold - score : score - threshold) / spec.Spread;
        return (float)(1 / (1 + Math.Exp(-beyond)));
    }
}
