namespace EdgeFleet.Shared.Models;

/// <summary>What is watched of a window of readings: mean and deviation of each of its columns.</summary>
public static class SeriesFeatures
{
    /// <summary>Features of a column.</summary>
    public const int PerColumn = 2;

    /// <summary>Reads them in one pass (Welford), mean and population deviation by turns; no number where a window has no readings.</summary>
    /// <param name="readings">The window, column beside column.</param>
    /// <param name="values">Two for each column.</param>
    public static void Read(ReadOnlySpan<float> readings, Span<double> values)
    {
        var columns = values.Length / PerColumn;
        for (var c = 0; c < columns; c++)
        {
            var (count, mean, squares) = (0, 0.0, 0.0);
            for (var i = c; i < readings.Length; i += columns)
            {
                var delta = readings[i] - mean;
                mean += delta / ++count;
                squares += delta * (readings[i] - mean);
            }

            (values[2 * c], values[2 * c + 1]) = count == 0 ? (double.NaN, double.NaN) : (mean, Math.Sqrt(squares / count));
        }
    }
}
