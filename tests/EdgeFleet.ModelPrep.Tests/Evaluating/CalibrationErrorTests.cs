using EdgeFleet.ModelPrep.Evaluating;

namespace EdgeFleet.ModelPrep.Tests.Evaluating;

public sealed class CalibrationErrorTests
{
    [Fact]
    public void The_error_is_the_weighted_distance_of_confidence_from_right_answers()
    {
        // Ten answers of 0.9 with 7 right, ten of 0.5 with 5 right: (10 * 0.2 + 10 * 0) / 20.
        var answers = Enumerable.Range(0, 10).Select(i => (0.9, i < 7)).Concat(Enumerable.Range(0, 10).Select(i => (0.5, i < 5))).ToList();

        var error = CalibrationError.Of(answers, bins: 10)!;

        Assert.Equal(0.1, error.Ece, 9);
        Assert.Equal(0.7, error.MeanConfidence, 9);
        Assert.Equal([10, 10], error.Bins.Select(b => b.Answers));
        Assert.Equal(0.5, error.Bins[0].From, 9);
    }

    [Fact]
    public void What_chance_makes_is_the_mean_deviation_of_a_binomial_share()
    {
        // n = 4, p = 0.5: E|K/4 - 0.5| = (2 * 1/16 * 0.5) + (2 * 4/16 * 0.25) = 0.1875.
        var error = CalibrationError.Of([.. Enumerable.Repeat((0.5, true), 4)], bins: 1)!;

        Assert.Equal(0.1875, error.OfChance, 9);
    }

    [Fact]
    public void Certainty_falls_into_the_last_bin_and_nothing_gives_nothing()
    {
        Assert.Null(CalibrationError.Of([]));
        var error = CalibrationError.Of([(1.0, true), (0.0, false)])!;
        Assert.Equal([0, 14.0 / 15], error.Bins.Select(b => b.From));
        Assert.Equal(0, error.Ece);
        Assert.Equal(0, error.OfChance);
    }
}
