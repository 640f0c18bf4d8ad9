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
        Calibrator.Entropy => Best(histogram, r => Divergence(histogram, r, target)),
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

    private static double Divergence(TensorHistogram histogram, ActivationRange range, QuantizationTarget target)
    {
        var (scale, zeroPoint, low, high) = Integers(range, target);
        Span<double> inside = stackalloc double[256];
        Span<int> filled = stackalloc int[256];
        Span<double> clipped = stackalloc double[256];
        var total = 0.0;
        for (var bin = 0; bin < TensorHistogram.BinCount; bin++)
        {
            var count = histogram.Bins[bin];
            if (count == 0) continue;
            var exact = Math.Round(histogram.Middle(bin) / scale) + zeroPoint;
            var level = (int)Math.Clamp(exact, low, high) - low;
            total += count;
            // What is clipped weighs on the last level of the original, and is missing from the rounded one.
            if (exact < low || exact > high) clipped[level] += count;
            else (inside[level], filled[level]) = (inside[level] + count, filled[level] + 1);
        }

        var divergence = 0.0;
        for (var bin = 0; bin < TensorHistogram.BinCount; bin++)
        {
            var count = histogram.Bins[bin];
            if (count == 0) continue;
            var exact = Math.Round(histogram.Middle(bin) / scale) + zeroPoint;
            if (exact < low || exact > high) continue;
            var level = (int)exact - low;
            var p = (count + (clipped[level] / filled[level])) / total;
            var q = Math.Max(inside[level] / filled[level] / total, EntropyFloor / TensorHistogram.BinCount);
            divergence += p * Math.Log(p / q);
        }

        var lost = 0.0;
        for (var level = 0; level < 256; level++) if (filled[level] == 0) lost += clipped[level];
        return divergence + (lost / total * Math.Log(TensorHistogram.BinCount / EntropyFloor));
    }

    private static (double Scale, int ZeroPoint, int Low, int High) Integers(ActivationRange range, QuantizationTarget target)
    {
        var parameters = QuantizationParameters.ForActivation(range, target);
        return target == QuantizationTarget.Cpu ? (parameters.Scale, parameters.ZeroPoint, 0, 255) : (parameters.Scale, 0, -127, 127);
    }
}
