using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.ModelPrep.Tests.Evaluating;

public sealed class SegmentJudgeTests
{
    private static readonly OutputSpec Output = new() { Tensor = "y", Activation = "softmax", Labels = ["a", "b"] };

    [Theory]
    [InlineData(0.975, 1.959963985)]
    [InlineData(0.5, 0)]
    [InlineData(0.001, -3.090232306)]
    [InlineData(0.9995, 3.290526731)]
    public void Quantiles_of_the_normal_distribution_are_those_of_the_tables(double p, double z) => Assert.Equal(z, ShareDifference.NormalQuantile(p), 6);

    [Fact]
    public void The_interval_of_a_difference_is_that_of_Newcombes_paper()
    {
        // Newcombe 1998, table II, method 10: 56/70 less 48/80 is 0.2, from 0.0524 to 0.3339.
        var (low, high) = ShareDifference.Interval(56, 70, 48, 80, ShareDifference.TwoSided95);

        Assert.Equal(0.0524, low, 4);
        Assert.Equal(0.3339, high, 4);
    }

    [Fact]
    public void A_real_gap_is_named_and_one_of_chance_is_not()
    {
        // East 60 of 100, west 95 of 100; in the other dimension both halves are alike but for two samples.
        var answers = Samples(200, i => i < 100 ? i < 60 : i < 195);
        var place = new Dimension("site", [.. Enumerable.Range(0, 200).Select(i => i < 100 ? "east" : "west")]);
        var even = new Dimension("camera", [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? "old" : "new")]);

        var scores = SegmentJudge.Judge(answers, 0, Output, [place, even]);

        var gap = Assert.Single(SegmentJudge.Sentences(scores, "photos"));
        Assert.StartsWith("site east: right on 60 of 100 photos (60.0 %) where the others are right on 95.0 %: 35.0 points worse (", gap, StringComparison.Ordinal);
        Assert.EndsWith("95 % over 4 comparisons).", gap, StringComparison.Ordinal);
        Assert.Equal(["site", "site", "camera", "camera"], scores.Select(s => s.Dimension));
        Assert.Equal("east", scores[0].Segment);
    }

    [Fact]
    public void With_no_difference_a_gap_is_named_no_oftener_than_promised()
    {
        var random = new Random(7);
        var named = 0;
        for (var trial = 0; trial < 400; trial++)
        {
            var answers = Samples(200, _ => random.NextDouble() < 0.85);
            var dimension = new Dimension("site", [.. Enumerable.Range(0, 200).Select(i => $"s{i % 5}")]);
            if (SegmentJudge.Judge(answers, 0, Output, [dimension]).Any(s => s.IsWorse)) named++;
        }

        // Five comparisons at 95 % at once, of which only the worse side is named: about 2.5 % of 400.
        Assert.InRange(named, 0, 24);
    }

    [Fact]
    public void Few_samples_are_shown_and_not_judged()
    {
        var answers = Samples(60, i => i >= 10);
        var dimension = new Dimension("site", [.. Enumerable.Range(0, 60).Select(i => i < 10 ? "small" : "large")]);

        var scores = SegmentJudge.Judge(answers, 0, Output, [dimension]);

        Assert.All(scores, s => Assert.Null(s.Difference));
        Assert.Equal(0, scores.Single(s => s.Segment == "small").Right.Hits);
    }

    [Fact]
    public void A_gap_that_the_mix_of_labels_makes_is_said_to_be_of_the_mix()
    {
        // Label b is hard everywhere (half right), a is easy; the east has nine of ten b, the west one of ten.
        var labels = Enumerable.Range(0, 400).Select(i => i < 200 ? (i % 10 == 0 ? 0 : 1) : (i % 10 == 0 ? 1 : 0)).ToArray();
        var answers = Samples(400, i => labels[i] == 0 || (i / 10) % 2 == 0, i => labels[i]);
        var dimension = new Dimension("site", [.. Enumerable.Range(0, 400).Select(i => i < 200 ? "east" : "west")]);

        var scores = SegmentJudge.Judge(answers, 0, Output, [dimension]);

        var east = scores.Single(s => s.Segment == "east");
        Assert.True(east.IsWorse);
        Assert.Equal(east.Difference!.Value, east.FromMix!.Value, 1);
        Assert.Contains("Its mix of labels explains", Assert.Single(SegmentJudge.Sentences(scores, "photos")), StringComparison.Ordinal);
    }

    private static List<Answered> Samples(int count, Func<int, bool> isRight, Func<int, int>? label = null) => [.. Enumerable.Range(0, count).Select(i =>
    {
        var truth = label?.Invoke(i) ?? i % 2;
        var said = isRight(i) ? truth : 1 - truth;
        return new Answered(new LabelledFile($"{i}", $"test/x/{i}", truth, "test"), 0, [new ModelAnswer(new KeptAnswer(), said, 0.9f, 0.9, 0, 0)], 0);
    })];
}
