using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Alerts;

/// <summary>From where on answers count for alerts.</summary>
/// <param name="ConfidenceMin">Confidence of a class or a box.</param>
/// <param name="ScoreThreshold">Anomaly score.</param>
internal readonly record struct AlertLimits(double ConfidenceMin, double ScoreThreshold);

/// <summary>What a rule sees of an answer. Pure.</summary>
/// <param name="IsLabel">True when the answer is of the rule's label.</param>
/// <param name="Confidence">How sure.</param>
/// <param name="ConfidenceMin">Confidence from which it counts.</param>
internal readonly record struct ShownBy(bool IsLabel, float Confidence, double ConfidenceMin)
{
    private const int BoxesMax = 20;

    /// <summary>By its task: the class; the surest box of the label that is large enough; how far the score is beyond the threshold, 0.5 at it.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="label">Index of the rule's label.</param>
    /// <param name="limits">From where on answers count.</param>
    public static ShownBy Of(Answer answer, AlertRule rule, int label, AlertLimits limits)
    {
        if (answer is AnomalyAnswer anomaly)
        {
            var beyond = anomaly.ConfidenceAt(limits.ScoreThreshold);
            return new ShownBy(true, label == 1 ? beyond : 1 - beyond, 0.5);
        }

        if (answer is not DetectionAnswer detection)
            return new ShownBy(answer.Label == label, answer.Confidence, limits.ConfidenceMin);

        foreach (ref readonly var box in detection.Boxes)
        {
            if (box.Label == label && box.Area >= rule.AreaMin)
                return new ShownBy(true, box.Score, limits.ConfidenceMin);
        }

        return new ShownBy(false, 0, limits.ConfidenceMin);
    }

    /// <summary>The boxes that go with a photo, those of the rule's label first; null when there are none.</summary>
    public static IReadOnlyList<AlertBox>? Boxes(IReadOnlyList<Box> boxes, IReadOnlyList<string> labels, string label) => boxes.Count == 0 ? null
        : [.. boxes.OrderBy(b => labels[b.Label] == label ? 0 : 1).Take(BoxesMax).Select(b => new AlertBox(labels[b.Label], Short(b.Score), Short(b.Left), Short(b.Top), Short(b.Right), Short(b.Bottom)))];

    // Four digits are finer than a pixel of the photo.
    private static double Short(float share) => Math.Round(share, 4);
}
