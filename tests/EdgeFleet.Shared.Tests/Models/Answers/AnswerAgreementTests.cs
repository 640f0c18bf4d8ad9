using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using FsCheck.Xunit;

namespace EdgeFleet.Shared.Tests.Models.Answers;

public sealed class AnswerAgreementTests
{
    private static readonly OutputSpec Classes = new() { Tensor = "y", Activation = "softmax", Labels = ["a", "b", "c"] };
    private static readonly ScoreSpec Above = new() { Kind = ScoreKind.Scalar, Threshold = 2, ThresholdLow = 1, ThresholdHigh = 3, Spread = 0.5 };

    [Property]
    public void Sums_are_the_same_in_any_order(int seed)
    {
        var random = new Random(seed);
        var parts = Enumerable.Range(0, 20).Select(_ => AnswerComparison.Compare(Classes, Draw(random), Draw(random))).ToList();

        var forward = parts.Aggregate((a, b) => a.Plus(b));
        var halves = parts.Skip(7).Reverse().Aggregate((a, b) => a.Plus(b)).Plus(parts.Take(7).Aggregate((a, b) => a.Plus(b)));

        Assert.Equal(forward, halves);
        Assert.InRange(forward.Share, 0, 1);
    }

    [Fact]
    public void A_box_is_paired_once_and_the_surest_chooses_first()
    {
        Box[] expected = [new(0, 1, 0, 0, 0.4f, 0.4f)];
        Box[] given = [new(0, 0.9f, 0.02f, 0, 0.42f, 0.4f), new(0, 0.8f, 0, 0, 0.4f, 0.4f), new(1, 0.7f, 0, 0, 0.4f, 0.4f)];

        Assert.Equal([0, -1, -1], AnswerComparison.Match(expected, given));
    }

    [Fact]
    public void A_value_that_is_not_a_number_agrees_with_nothing()
    {
        var agreement = AnswerComparison.Compare(Classes, new KeptAnswer { Outputs = [1, 2, 3] }, null);

        Assert.Equal((0.0, 1L, 1.0), (agreement.Share, agreement.NotNumbers, agreement.Change));
    }

    [Theory]
    [InlineData("above", 2.0, 0.5)]
    [InlineData("above", 2.5, 0.7310586)]
    [InlineData("below", 2.5, 0.26894143)]
    [InlineData("below", 1.5, 0.7310586)]
    public void Confidence_of_an_anomaly_is_one_half_at_the_threshold(string direction, double score, double confidence) =>
        Assert.Equal(confidence, AnomalyAnswer.ConfidenceAt(score, Above with { Direction = direction }, 2), 6);

    [Fact]
    public void Errors_of_reconstruction_are_means_over_the_values()
    {
        Assert.Equal(7, AnomalyScore.Of(ScoreKind.Scalar, [7], [1, 2]));
        Assert.Equal(2.5, AnomalyScore.Of(ScoreKind.SquaredError, [1, 4], [2, 2]));
        Assert.Equal(1.5, AnomalyScore.Of(ScoreKind.AbsoluteError, [1, 4], [2, 2]));
    }

    private static KeptAnswer Draw(Random random) => new() { Outputs = [.. Enumerable.Range(0, 3).Select(_ => (float)random.NextDouble() * 5)] };
}
