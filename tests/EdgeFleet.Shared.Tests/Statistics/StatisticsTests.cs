using EdgeFleet.Shared.Statistics;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace EdgeFleet.Shared.Tests.Statistics;

public sealed class StatisticsTests
{
    private static readonly Gen<double[]> Latencies = Gen.Choose(1, 5_000_000).Select(v => (double)v).ArrayOf();

    private static DdSketch SketchOf(IEnumerable<double> values)
    {
        var builder = new SketchBuilder();
        foreach (var v in values)
            builder.Add(v);
        return builder.Build();
    }

    private static bool Same(DdSketch a, DdSketch b) => a.Zero == b.Zero && a.Counts.Count == b.Counts.Count && (a.Counts.Count == 0 || a.Offset == b.Offset) && a.Counts.SequenceEqual(b.Counts);

    [Property]
    public Property A_quantile_is_within_1_percent() => Prop.ForAll(
        Latencies.Where(v => v.Length > 0).ToArbitrary(), Gen.Choose(0, 100).Select(q => q / 100.0).ToArbitrary(), (values, q) =>
        {
            var sorted = values.Order().ToArray();
            var exact = sorted[(int)Math.Floor(q * (sorted.Length - 1))];
            return Math.Abs(SketchOf(values).Quantile(q) - exact) <= 0.0101 * exact;
        });

    [Property]
    public Property Merging_is_exact_in_any_order_and_grouping() => Prop.ForAll(
        Latencies.ToArbitrary(), Latencies.ToArbitrary(), Latencies.ToArbitrary(), (a, b, c) =>
        {
            var whole = SketchOf([.. a, .. b, .. c]);
            var left = DdSketch.Merge(DdSketch.Merge(SketchOf(a), SketchOf(b)), SketchOf(c));
            var right = DdSketch.Merge(SketchOf(c), DdSketch.Merge(SketchOf(b), SketchOf(a)));
            return Same(whole, left) && Same(whole, right);
        });

    [Property]
    public Property A_sketch_does_not_know_order_split_or_repetition_of_merging() => Prop.ForAll(Latencies.ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), (values, at) =>
    {
        var cut = values.Length * at / 100;
        var whole = SketchOf(values);
        var parts = DdSketch.Merge(SketchOf(values[cut..].Reverse()), SketchOf(values[..cut]));
        var withEmpty = DdSketch.Merge(new DdSketch(), DdSketch.Merge(parts, new DdSketch()));
        return Same(whole, parts) && Same(whole, withEmpty) && Same(whole, values.Aggregate(new DdSketch(), (s, v) => DdSketch.Merge(s, SketchOf([v]))));
    });

    [Property]
    public Property Bins_do_not_know_order_or_split() => Prop.ForAll(Latencies.ToArbitrary(), Gen.Choose(0, 100).ToArbitrary(), (values, at) =>
    {
        long[] CountsOf(IEnumerable<double> some)
        {
            var counter = new FeatureCounter([10, 1000, 50_000, 1_000_000]);
            foreach (var v in some)
                counter.Add(v);
            return [.. counter.Counts];
        }

        var cut = values.Length * at / 100;
        return CountsOf(values).SequenceEqual(CountsOf(values[cut..].Reverse()).Zip(CountsOf(values[..cut]), (a, b) => a + b));
    });

    [Property]
    public Property Moments_without_a_part_are_those_of_the_rest() => Prop.ForAll(Latencies.ToArbitrary(), Latencies.ToArbitrary(), (a, b) =>
    {
        var (rest, whole) = (MomentsOf(a), Moments.Merge(MomentsOf(a), MomentsOf(b)));
        var without = Moments.Without(whole, MomentsOf(b));
        return without.Count == rest.Count && Math.Abs(without.Mean - rest.Mean) <= 1e-9 * whole.Max && Math.Abs(without.M2 - rest.M2) <= 1e-6 * Math.Max(1, whole.M2);
    });

    [Fact]
    public void Every_bin_is_within_1_percent_of_what_falls_into_it()
    {
        for (var value = 1.0; value < 1e9; value *= 1.0007)
        {
            var told = SketchOf([value]).Quantile(0.5);
            Assert.True(Math.Abs(told - value) <= 0.0100001 * value, $"{value} is told as {told}");
        }
    }

    [Fact]
    public void Zero_and_what_is_not_a_number_are_no_trap()
    {
        var sketch = SketchOf([0, -1, double.NaN, double.PositiveInfinity, 5]);
        Assert.Equal(4, sketch.Count);
        Assert.Equal(0, sketch.Quantile(0));
        Assert.Equal(0, new DdSketch().Quantile(0.5));
    }

    [Property]
    public Property Moments_merge_as_if_one_had_seen_all() => Prop.ForAll(Latencies.ToArbitrary(), Latencies.ToArbitrary(), (a, b) =>
    {
        var (whole, merged) = (MomentsOf([.. a, .. b]), Moments.Merge(MomentsOf(a), MomentsOf(b)));
        return whole.Count == merged.Count && whole.Min.Equals(merged.Min) && whole.Max.Equals(merged.Max)
            && Math.Abs(whole.Mean - merged.Mean) <= 1e-9 * Math.Max(1, Math.Abs(whole.Mean))
            && Math.Abs(whole.M2 - merged.M2) <= 1e-6 * Math.Max(1, whole.M2);
    });

    private static Moments MomentsOf(double[] values)
    {
        var counter = new FeatureCounter([]);
        foreach (var v in values)
            counter.Add(v);
        return counter.Moments;
    }

    [Fact]
    public void Bins_are_closed_below_and_open_at_both_ends()
    {
        var counter = new FeatureCounter([0, 10]);
        foreach (var v in new[] { -5.0, 0, 9.999, 10, 1e9, double.NaN })
            counter.Add(v);
        Assert.Equal([1L, 2, 2], counter.Counts);
    }

    [Fact]
    public void Bin_edges_must_grow() => Assert.Throws<ArgumentException>(() => new FeatureCounter([1, 1]));

    // Values from Wilson's formula worked by hand: 5 of 10 at z = 1.96 is 0.2366 to 0.7634.
    [Theory]
    [InlineData(5, 10, 0.2366, 0.7634)]
    [InlineData(0, 10, 0.0, 0.2775)]
    [InlineData(10, 10, 0.7225, 1.0)]
    public void Wilson_gives_the_published_interval(long hits, long trials, double low, double high)
    {
        Assert.Equal(low, Wilson.LowerBound(hits, trials, 1.96), 0.0001);
        Assert.Equal(high, Wilson.UpperBound(hits, trials, 1.96), 0.0001);
    }

    [Fact]
    public void Without_trials_nothing_is_known() => Assert.Equal((0.0, 1.0), (Wilson.LowerBound(0, 0), Wilson.UpperBound(0, 0)));
}
