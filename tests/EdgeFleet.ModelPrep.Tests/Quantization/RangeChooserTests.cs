using EdgeFleet.ModelPrep.Quantization;

namespace EdgeFleet.ModelPrep.Tests.Quantization;

public sealed class RangeChooserTests
{
    [Fact]
    public void MinMax_takes_everything_and_the_others_leave_out_a_lone_outlier()
    {
        var histogram = Of([.. Bell(20_000, seed: 1), 400f]);

        Assert.Equal(400f, Choose(histogram, Calibrator.MinMax).Max);
        foreach (var calibrator in new[] { Calibrator.Percentile, Calibrator.Entropy, Calibrator.Mse })
            Assert.InRange(Choose(histogram, calibrator).Max, 1f, 399f);
    }

    [Theory]
    [InlineData(QuantizationTarget.Cpu)]
    [InlineData(QuantizationTarget.TensorRt)]
    public void The_mean_square_range_is_no_worse_than_the_whole_one(QuantizationTarget target)
    {
        var histogram = Of(Bell(20_000, seed: 2));

        var (whole, chosen) = (RangeChooser.SqnrDb(histogram, histogram.Range, target), RangeChooser.SqnrDb(histogram, RangeChooser.Choose(histogram, Calibrator.Mse, target), target));
        Assert.InRange(chosen, whole, 80);
    }

    [Fact]
    public void Many_exact_zeros_do_not_draw_a_range_in()
    {
        var positive = Bell(20_000, seed: 3).Select(v => Math.Max(0, v)).ToArray();

        Assert.InRange(Choose(Of(positive), Calibrator.Entropy).Max, 0.5f * positive.Max(), positive.Max());
    }

    [Fact]
    public void A_tensor_of_one_value_keeps_it_and_what_is_no_number_is_passed_over()
    {
        Assert.Equal(new ActivationRange(3, 3), Choose(Of([3f, 3f]), Calibrator.Entropy));
        Assert.Equal(new ActivationRange(-1, 2), Choose(Of([float.NaN, -1f, float.PositiveInfinity, 2f]), Calibrator.MinMax));
    }

    private static ActivationRange Choose(TensorHistogram histogram, Calibrator calibrator) => RangeChooser.Choose(histogram, calibrator, QuantizationTarget.Cpu);

    private static TensorHistogram Of(float[] values)
    {
        var histogram = new TensorHistogram();
        histogram.Widen(values);
        histogram.Close();
        histogram.Count(values);
        return histogram;
    }

    private static float[] Bell(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
