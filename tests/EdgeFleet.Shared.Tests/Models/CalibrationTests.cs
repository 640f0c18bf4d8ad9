using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Statistics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace EdgeFleet.Shared.Tests.Models;

public sealed class CalibrationTests
{
    private static readonly Gen<(double, bool)[]> Answers =
        Gen.Choose(0, 1000).Select(c => c / 1000.0).Zip(Gen.Elements(true, false)).Select(p => (p.Item1, p.Item2)).ArrayOf();

    [Property]
    public Property A_map_never_falls_and_forgets_no_answer() => Prop.ForAll(Answers.ToArbitrary(), answers =>
    {
        var map = Calibration.Fit(answers);
        return map.Sum(s => s.Answers) == answers.Length
            && map.Sum(s => s.Right) == answers.Count(a => a.Item2)
            && map.Zip(map.Skip(1)).All(p => p.First.ConfidenceTo < p.Second.ConfidenceTo && p.First.Right * p.Second.Answers < p.Second.Right * p.First.Answers)
            && (map.Count == 0 || map[^1].ConfidenceTo == 1);
    });

    [Property]
    public Property The_share_below_the_threshold_is_the_share_that_was_wrong() => Prop.ForAll(
        Answers.Where(a => a.Length > 0 && a.Select(x => x.Item1).Distinct().Count() == a.Length && a.Any(x => x.Item2)).ToArbitrary(),
        answers => answers.Count(a => a.Item1 < Calibration.Threshold(answers)) == answers.Count(a => !a.Item2));

    [Fact]
    public void Accuracy_without_labels_is_near_the_true_one_on_data_like_validation_and_its_band_holds_it()
    {
        // Right with a probability of its confidence squared: the model is too sure, which the map mends.
        var random = new Random(11);
        (double Confidence, bool IsRight)[] Draw(int count, double least) =>
            [.. Enumerable.Range(0, count).Select(_ => least + (1 - least) * random.NextDouble()).Select(c => (c, random.NextDouble() < c * c))];

        var validation = Draw(2000, 0.2);
        var map = Calibration.Fit(validation);
        var harder = Draw(3000, 0.2).Where(a => a.Confidence < 0.8).ToArray();
        var counts = new long[map.Count];
        foreach (var (confidence, _) in harder)
            counts[Calibration.StepOf(map, confidence)]++;

        var estimate = AccuracyEstimate.Of(map, counts, harder.Count(a => a.Confidence >= Calibration.Threshold(validation)), 1)!;
        var truth = (double)harder.Count(a => a.IsRight) / harder.Length;
        Assert.InRange(truth, estimate.Low, estimate.High);
        Assert.Equal(truth, estimate.Share, 0.04);
        Assert.True(harder.Average(a => a.Confidence) > truth + 0.1); // What the raw confidence would have said.
        Assert.InRange(estimate.Thresholded!.Value, 0, truth + 0.2);
    }

    [Fact]
    public void Too_few_answers_or_no_map_give_no_estimate_and_dependence_widens_the_band()
    {
        IReadOnlyList<CalibrationStep> map = [new() { ConfidenceTo = 1, Answers = 100, Right = 80 }];
        Assert.Null(AccuracyEstimate.Of(map, [49], null, 1));
        Assert.Null(AccuracyEstimate.Of([], [], null, 1));
        var (narrow, wide) = (AccuracyEstimate.Of(map, [1000], null, 1)!, AccuracyEstimate.Of(map, [1000], null, 20)!);
        Assert.Equal(0.8, narrow.Share, 1e-9);
        Assert.True(wide.High - wide.Low > narrow.High - narrow.Low + 0.03);
    }
}
