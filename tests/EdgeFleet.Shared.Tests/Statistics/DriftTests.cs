using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Tests.Statistics;

/// <summary>Short form of <c>make bench NAME=drift</c>: the same judgement with fewer trials, from fixed seeds.</summary>
public sealed class DriftTests
{
    private const int Length = 400;
    private const int Windows = 100;

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.9, 0.9)]
    [InlineData(0.0, 0.9)]
    public void Streams_without_drift_rarely_alarm_however_much_they_hang_together(double reference, double stream) =>
        // 120 trials at 1 %: more than 6 would happen once in several thousand seeds.
        Assert.InRange(Alarms(120, reference, stream, shift: 0), 0, 6);

    [Fact]
    public void A_shift_of_a_spread_is_seen_in_a_stream_that_hangs_together() => Assert.InRange(Alarms(60, 0.9, 0.9, shift: 1.2), 45, 60);

    [Fact]
    public void Dependence_is_estimated_near_its_true_value()
    {
        Assert.Equal(1.2, Average(0, 1000), 0.4);
        Assert.Equal(19, Average(0.9, 1000), 4.0);

        static double Average(double r, int length) => Enumerable.Range(1, 40).Average(seed =>
        {
            var (dependence, stream) = (new Dependence(length), new TestStream(seed));
            for (var i = 0; i < length; i++)
                dependence.Add(stream.Next(r));
            return dependence.Inflation;
        });
    }

    [Fact]
    public void A_slow_part_under_fast_noise_is_seen_by_batches()
    {
        var (dependence, slow, fast) = (new Dependence(1000), new TestStream(1), new TestStream(2));
        for (var i = 0; i < 1000; i++)
            dependence.Add(slow.Next(0.99) + fast.Next(0));
        Assert.True(dependence.Inflation > 10, $"{dependence.Inflation}");
    }

    [Fact]
    public void A_window_that_does_not_vary_has_nothing_to_hang_together()
    {
        var dependence = new Dependence(100);
        for (var i = 0; i < 100; i++)
            dependence.Add(17);
        Assert.Equal(1, dependence.Inflation);
    }

    [Fact]
    public void A_feature_that_never_varied_does_not_alarm_for_a_grain()
    {
        DriftFeature[] features = [new() { Name = "dark", Floor = 0.01, Edges = DriftBins.From(Enumerable.Repeat(0.0, 50), 0.01) }];
        var builder = new DriftWindowBuilder(features, 50);
        var windows = new List<DriftWindow>();
        while (windows.Count < 30)
        {
            if (builder.Add(0, [0]) is { } window)
                windows.Add(window);
        }

        var baseline = DriftBaseline.Learn(features, windows, 0.01);
        Assert.False(baseline.Judge(Constant(builder, 0.0005)).HasDrifted);
        Assert.True(baseline.Judge(Constant(builder, 0.2)).HasDrifted);

        static DriftWindow Constant(DriftWindowBuilder builder, double value)
        {
            while (true)
            {
                if (builder.Add(0, [value]) is { } window)
                    return window;
            }
        }
    }

    [Fact]
    public void Two_of_three_windows_are_drift_and_three_without_end_it()
    {
        var vote = new DriftVote(2, 3);
        Assert.False(vote.Decide(false, [true]));
        Assert.False(vote.Decide(false, [true, false, false]));
        Assert.True(vote.Decide(false, [true, false, true]));
        Assert.True(vote.Decide(true, [false, true, false]));
        Assert.False(vote.Decide(true, [false, false, false]));
    }

    [Theory]
    [InlineData(DriftCause.Dark, ImageFeatures.Luma, -1)]
    [InlineData(DriftCause.Bright, ImageFeatures.Luma, 1)]
    [InlineData(DriftCause.Blurred, ImageFeatures.Sharpness, -1)]
    [InlineData(DriftCause.Warm, ImageFeatures.Warmth, 1)]
    [InlineData(DriftCause.Cool, ImageFeatures.Warmth, -1)]
    [InlineData(DriftCause.GreenCast, ImageFeatures.Tint, 1)]
    [InlineData(DriftCause.Magenta, ImageFeatures.Tint, -1)]
    [InlineData(DriftCause.Frozen, ImageFeatures.Motion, -1)]
    [InlineData(DriftCause.ClassMix, "label:rust", 1)]
    [InlineData(DriftCause.Confidence, "confidence", -1)]
    [InlineData(DriftCause.Readings, "vibration.deviation", 1)]
    public void Causes_are_named(string cause, string feature, int direction) => Assert.Equal([cause], DriftCauses.Of(new DriftVerdict
    {
        Threshold = 3,
        Features = [new FeatureDrift { Name = feature, Distance = 1, Shift = direction, Excess = 5 }, new FeatureDrift { Name = "red", Distance = 0.01, Shift = 0, Excess = 1 }],
    }));

    [Fact]
    public void Histogram_distances_have_their_textbook_values()
    {
        Assert.Equal(2, Distances.Wasserstein([0, 1, 2, 3], [0, 10, 0, 0, 0], [0, 0, 0, 10, 0]), 1e-12);
        Assert.Equal(0, Distances.Psi([5, 5], [50, 50]), 0.01);
        Assert.Equal(1, Distances.JensenShannon([10, 0], [0, 10]), 1e-12);
        Assert.Equal(0.5, Distances.KolmogorovSmirnov([10, 0], [5, 5]), 1e-12);
        Assert.Equal(0.05, Distances.KolmogorovSmirnovP(1.358 / Math.Sqrt(500), 1000, 1000), 0.003);
    }

    private static int Alarms(int trials, double reference, double stream, double shift) => Enumerable.Range(1, trials).Count(seed =>
    {
        var source = new TestStream(seed);
        DriftFeature[] features = [new() { Name = "x", Floor = 0.001, Edges = DriftBins.From(Enumerable.Range(0, Length).Select(_ => source.Next(reference)).ToArray(), 0.001) }];
        var builder = new DriftWindowBuilder(features, Length);
        var windows = Enumerable.Range(0, Windows).Select(_ => Fill(builder, source, reference, 0)).ToList();
        return DriftBaseline.Learn(features, windows, 0.01).Judge(Fill(builder, new TestStream(seed + 100_000), stream, shift)).HasDrifted;
    });

    private static DriftWindow Fill(DriftWindowBuilder builder, TestStream source, double r, double shift)
    {
        while (true)
        {
            if (builder.Add(0, [source.Next(r) + shift]) is { } window)
                return window;
        }
    }

    /// <summary>Normal values of mean 0 and spread 1 that hang together by r (AR(1)).</summary>
    private sealed class TestStream
    {
        private readonly Random _random;
        private double _x;

        public TestStream(int seed) => (_random, _x) = (new Random(seed), 0);

        public double Next(double r) => _x = r * _x + Math.Sqrt(1 - r * r) * Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
    }
}
