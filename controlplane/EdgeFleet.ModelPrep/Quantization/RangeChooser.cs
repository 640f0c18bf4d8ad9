namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>How the range of an activation is taken from its histogram.</summary>
public enum Calibrator
{
    /// <summary>From the least to the greatest value.</summary>
    MinMax,

    /// <summary>Without the outermost 0.005 % of values on either side.</summary>
    Percentile,

    /// <summary>The range whose distribution, after rounding, tells least from the original (Kullback-Leibler).</summary>
    Entropy,

    /// <summary>The range with the least mean square of rounding and clipping.</summary>
    Mse,
}

/// <summary>Takes ranges from histograms. Pure.</summary>
internal static class RangeChooser
{
    private const double TailShare = 5e-5;
    private const int Steps = 64;
    private const double ShareMin = 0.2;
    private const double EntropyFloor = 1e-4;

    /// <summary>The ranges of all tensors.</summary>
    public static ActivationRanges Choose(IReadOnlyDictionary<string, TensorHistogram> histograms, Calibrator calibrator, QuantizationTarget target)
    {
        var ranges = new ActivationRanges();
        foreach (var (tensor, histogram) in histograms) ranges.Set(tensor, Choose(histogram, calibrator, target));
        return ranges;
    }

    /// <summary>The range of one tensor.</summary>
    public static ActivationRange Choose(TensorHistogram histogram, Calibrator calibrator, QuantizationTarget target) => calibrator switch
    {
        _ when !(histogram.Range.Max > histogram.Range.Min) => histogram.Range,
        Calibrator.MinMax => histogram.Range,
        Calibrator.Percentile => Percentile(histogram),
        Calibrator.Entropy => Entropy(histogram, target),
        Calibrator.Mse => Best(histogram, r => SquaredError(histogram, r, target)),
        _ => throw new ArgumentOutOfRangeException(nameof(calibrator)),
    };

    /// <summary>Signal to rounding noise of a tensor in a range, dB: what int8 costs it before anything is run.</summary>
    public static double SqnrDb(TensorHistogram histogram, ActivationRange range, QuantizationTarget target)
    {
        var signal = 0.0;
        for (var bin = 0; bin < TensorHistogram.BinCount; bin++) signal += histogram.Bins[bin] * histogram.Middle(bin) * histogram.Middle(bin);
        var noise = SquaredError(histogram, range, target);
        return noise <= 0 ? 200 : signal <= 0 ? 0 : Math.Clamp(10 * Math.Log10(signal / noise), -200, 200);
    }

    private static ActivationRange Percentile(TensorHistogram histogram)
    {
        long total = 0;
        foreach (var count in histogram.Bins) total += count;
        var outside = (long)(total * TailShare);
        var (low, high) = (0, TensorHistogram.BinCount - 1);
        for (var sum = histogram.Bins[low]; low < high && sum <= outside; sum += histogram.Bins[low]) low++;
        for (var sum = histogram.Bins[high]; high > low && sum <= outside; sum += histogram.Bins[high]) high--;
        var half = (histogram.Middle(1) - histogram.Middle(0)) / 2;
        // The outermost bins end at the values that were seen, to the last bit.
        return new ActivationRange(low == 0 ? histogram.Range.Min : (float)(histogram.Middle(low) - half), high == TensorHistogram.BinCount - 1 ? histogram.Range.Max : (float)(histogram.Middle(high) + half));
    }

    private static ActivationRange Entropy(TensorHistogram histogram, QuantizationTarget target)
    {
        var counts = WithoutZeros(histogram);
        return Best(histogram, r => Divergence(histogram, counts, r, target));
    }

    // Both ends are drawn in together first, then each by itself.
    private static ActivationRange Best(TensorHistogram histogram, Func<ActivationRange, double> cost)
    {
        var full = histogram.Range;
        var (best, least) = (full, cost(full));
        void Try(ActivationRange range)
        {
            var here = cost(range);
            if (here < least) (best, least) = (range, here);
        }

        for (var step = 1; step < Steps; step++) Try(new ActivationRange(full.Min * Share(step), full.Max * Share(step)));
        var both = best;
        for (var step = 0; step < Steps && full.Max > 0; step++) Try(both with { Max = full.Max * Share(step) });
        both = best;
        for (var step = 0; step < Steps && full.Min < 0; step++) Try(both with { Min = full.Min * Share(step) });
        return best;
    }

    private static float Share(int step) => (float)(1 - ((1 - ShareMin) * step / Steps));

    private static double SquaredError(TensorHistogram histogram, ActivationRange range, QuantizationTarget target)
    {
        var (scale, zeroPoint, low, high) = Integers(range, target);
        var sum = 0.0;
        for (var bin = 0; bin < TensorHistogram.BinCount; bin++)
        {
            var count = histogram.Bins[bin];
            if (count == 0) continue;
            var value = histogram.Middle(bin);
            var error = value - ((Math.Clamp(Math.Round(value / scale) + zeroPoint, low, high) - zeroPoint) * scale);
            sum += count * error * error;
        }

        return sum;
    }

    private static double Divergence(TensorHistogram histogram, long[] counts, ActivationRange range, QuantizationTarget target)
    {
        var (scale, zeroPoint, low, high) = Integers(range, target);
        Span<double> inside = stackalloc double[256], clipped = stackalloc double[256];
        Span<int> filled = stackalloc int[256];
        Span<double> exact = stackalloc double[TensorHistogram.BinCount];
        var total = 0.0;
        for (var bin = 0; bin < TensorHistogram.BinCount; bin++)
        {
            exact[bin] = Math.Round(histogram.Middle(bin) / scale) + zeroPoint;
            if (counts[bin] == 0) continue;
            var level = (int)Math.Clamp(exact[bin], low, high) - low;
            total += counts[bin];
            // What is clipped weighs on the last level of the original, and is missing from the rounded one.
            if (exact[bin] < low || exact[bin] > high) clipped[level] += counts[bin];
            else (inside[level], filled[level]) = (inside[level] + counts[bin], filled[level] + 1);
        }

        var (divergence, lost) = (0.0, 0.0);
        for (var bin = 0; bin < TensorHistogram.BinCount; bin++)
        {
            if (counts[bin] == 0 || exact[bin] < low || exact[bin] > high) continue;
            var level = (int)exact[bin] - low;
            var p = (counts[bin] + (clipped[level] / filled[level])) / total;
            var q = Math.Max(inside[level] / filled[level] / total, EntropyFloor / TensorHistogram.BinCount);
            divergence += p * Math.Log(p / q);
        }

        for (var level = 0; level < 256; level++)
            if (filled[level] == 0) lost += clipped[level];
        return divergence + (lost / total * Math.Log(TensorHistogram.BinCount / EntropyFloor));
    }

    // Zero is exact in every range; a ReLU's many zeros would otherwise be told as rounded together with their neighbours, and draw the range in.
    private static long[] WithoutZeros(TensorHistogram histogram)
    {
        var counts = histogram.Bins.ToArray();
        var zero = (int)Math.Clamp(-histogram.Range.Min / ((double)histogram.Range.Max - histogram.Range.Min) * TensorHistogram.BinCount, 0, TensorHistogram.BinCount - 1);
        var neighbours = Math.Max(zero > 0 ? counts[zero - 1] : 0, zero + 1 < counts.Length ? counts[zero + 1] : 0);
        counts[zero] = Math.Min(counts[zero], neighbours);
        return counts;
    }

    private static (double Scale, int ZeroPoint, int Low, int High) Integers(ActivationRange range, QuantizationTarget target)
    {
        var parameters = QuantizationParameters.ForActivation(range, target);
        return target == QuantizationTarget.Cpu ? (parameters.Scale, parameters.ZeroPoint, 0, 255) : (parameters.Scale, 0, -127, 127);
    }
}
