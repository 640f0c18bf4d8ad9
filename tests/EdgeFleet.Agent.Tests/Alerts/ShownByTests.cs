using EdgeFleet.Agent.Alerts;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Tests.Alerts;

public sealed class ShownByTests
{
    private static readonly AlertLimits Limits = new(ConfidenceMin: 0.6, ScoreThreshold: 3);
    private static readonly AlertRule Rule = new() { Id = "rust", Label = "rust" };
    private static readonly ScoreSpec Score = new() { Kind = ScoreKind.Scalar, Threshold = 2, ThresholdLow = 1, ThresholdHigh = 4, Spread = 0.5 };

    [Fact]
    public void A_class_is_shown_by_its_label()
    {
        var answer = new ClassAnswer([0.1f, 0.9f]);

        Assert.Equal(new ShownBy(true, 0.9f, 0.6), ShownBy.Of(answer, Rule, 1, Limits));
        Assert.False(ShownBy.Of(answer, Rule, 0, Limits).IsLabel);
    }

    [Fact]
    public void A_detection_is_shown_by_the_surest_box_of_the_label_that_is_large_enough()
    {
        var answer = new DetectionAnswer([new Box(1, 0.9f, 0, 0, 0.1f, 0.1f), new Box(0, 0.8f, 0, 0, 1, 1), new Box(1, 0.7f, 0, 0, 0.5f, 0.5f)]);

        Assert.Equal(new ShownBy(true, 0.9f, 0.6), ShownBy.Of(answer, Rule, 1, Limits));
        Assert.Equal(new ShownBy(true, 0.7f, 0.6), ShownBy.Of(answer, Rule with { AreaMin = 0.2 }, 1, Limits));
        Assert.False(ShownBy.Of(answer, Rule with { AreaMin = 0.3 }, 1, Limits).IsLabel);
        Assert.False(ShownBy.Of(answer, Rule, 2, Limits).IsLabel);
    }

    [Fact]
    public void An_anomaly_is_shown_beyond_the_threshold_as_it_is_tuned()
    {
        Assert.Equal(0.5f, ShownBy.Of(new AnomalyAnswer(Score, 3), Rule, 1, Limits).Confidence);
        Assert.InRange(ShownBy.Of(new AnomalyAnswer(Score, 2.5), Rule, 1, Limits).Confidence, 0.2f, 0.3f);
        Assert.InRange(ShownBy.Of(new AnomalyAnswer(Score, 2.5), Rule, 0, Limits).Confidence, 0.7f, 0.8f);
        Assert.Equal(0.5, ShownBy.Of(new AnomalyAnswer(Score, 2.5), Rule, 1, Limits).ConfidenceMin);
    }

    [Fact]
    public void Boxes_of_the_rule_come_first_and_a_sample_without_any_has_none()
    {
        var boxes = ShownBy.Boxes([new Box(0, 0.9f, 0, 0, 1, 1), new Box(1, 0.123456f, 0.2f, 0.3f, 0.4f, 0.5f)], ["leaf", "rust"], "rust");

        Assert.Equal([("rust", 0.1235), ("leaf", 0.9)], boxes!.Select(b => (b.Label, b.Score)));
        Assert.Null(ShownBy.Boxes([], ["leaf"], "leaf"));
    }
}
