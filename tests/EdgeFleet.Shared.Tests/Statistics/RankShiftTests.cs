using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Tests.Statistics;

public sealed class RankShiftTests
{
    [Theory]
    [InlineData(5, 5, 0.025, 3)] // The tables of Mann and Whitney give the largest U that is still too small: one less.
    [InlineData(4, 4, 0.05, 2)]
    [InlineData(3, 3, 0.05, 1)]
    [InlineData(8, 8, 0.025, 14)]
    [InlineData(10, 10, 0.05, 28)]
    [InlineData(20, 20, 0.05, 139)]
    [InlineData(4, 4, 1.0 / 60, 1)] // 1 of 70 orders.
    [InlineData(3, 4, 1.0 / 60, 0)] // 1 of 35 is more than one in 60.
    [InlineData(1, 10, 0.05, 0)]
    public void The_rank_of_the_bound_is_that_of_the_tables(int n, int m, double error, int rank)
    {
        Assert.Equal(rank, RankShift.Rank(n, m, error));
        Assert.Equal(rank, RankShift.Rank(m, n, error));
    }

    [Fact]
    public void The_approximation_goes_on_where_the_exact_count_ends()
    {
        var (exact, approximate) = (RankShift.Rank(50, 50, 0.05), RankShift.Rank(50, 51, 0.05));
        Assert.InRange(approximate, exact, exact + 35);
    }

    [Fact]
    public void The_bounds_hold_as_often_as_they_say_whatever_the_shape()
    {
        const int Trials = 4000;
        const double Error = 0.05;
        const double True = 0.3;
        var random = new Random(1);
        double Skewed() => -Math.Log(1 - random.NextDouble());
        var (low, high) = (0, 0);
        for (var t = 0; t < Trials; t++)
        {
            var one = Enumerable.Range(0, 12).Select(_ => Skewed() + True).ToArray();
            var other = Enumerable.Range(0, 30).Select(_ => Skewed()).ToArray();
            var shift = RankShift.Between(one, other, Error);
            low += shift.Lower > True ? 1 : 0;
            high += shift.Upper < True ? 1 : 0;
        }

        // Three standard errors above the nominal share.
        var most = Error + 3 * Math.Sqrt(Error * (1 - Error) / Trials);
        Assert.InRange((double)low / Trials, 0.02, most);
        Assert.InRange((double)high / Trials, 0.02, most);
    }

    [Fact]
    public void One_wild_value_among_five_moves_neither_estimate_nor_bound_far()
    {
        double[] other = [.. Enumerable.Range(0, 95).Select(i => (i % 19 - 9) / 100.0)];
        var shift = RankShift.Between([0.01, -0.02, 0.0, 0.03, 50], other, 1.0 / 60);
        Assert.InRange(shift.Estimate, -0.1, 0.1);
        Assert.True(shift.Lower < 0.02);
    }

    [Fact]
    public void Turned_round_the_shift_changes_its_sign()
    {
        double[] one = [1, 2, 3, 4, 5, 6], other = [2.5, 3.5, 9, 7];
        var (there, back) = (RankShift.Between(one, other, 0.05), RankShift.Between(other, one, 0.05));
        Assert.Equal(there.Estimate, -back.Estimate, 12);
        Assert.Equal(there.Lower!.Value, -back.Upper!.Value, 12);
        Assert.Equal(there.Upper!.Value, -back.Lower!.Value, 12);
    }

    [Fact]
    public void Groups_too_small_have_no_bounds_and_empty_ones_no_shift()
    {
        Assert.Equal(new Shift(2, null, null), RankShift.Between([3], [1], 0.05));
        Assert.Equal(new Shift(0, null, null), RankShift.Between([], [1, 2], 0.05));
        Assert.Equal(double.PositiveInfinity, RankShift.SmallestShown(1, 5, 1, 0.01, 0.9));
    }

    [Fact]
    public void What_is_said_to_be_shown_is_shown_about_as_often_as_said()
    {
        const int Trials = 2000;
        const double Error = 1.0 / 60;
        var random = new Random(2);
        double Normal01() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var smallest = RankShift.SmallestShown(20, 40, 1, Error, 0.9);
        var shown = Enumerable.Range(0, Trials).Count(_ =>
            RankShift.Between([.. Enumerable.Range(0, 20).Select(_ => Normal01() + smallest)], [.. Enumerable.Range(0, 40).Select(_ => Normal01())], Error).Lower > 0);
        Assert.InRange((double)shown / Trials, 0.85, 0.95);
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.975, 1.959963984540054)]
    [InlineData(0.001, -3.090232306167813)]
    public void Quantiles_of_the_normal_distribution(double share, double value) => Assert.Equal(value, Normal.Quantile(share), 7);
}
