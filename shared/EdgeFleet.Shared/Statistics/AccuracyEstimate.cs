using EdgeFleet.Shared.Models;

namespace EdgeFleet.Shared.Statistics;

/// <summary>Estimated share of right answers without labels, with its band. Blind to a change of what the labels mean, and to inputs unlike any in validation.</summary>
public sealed record AccuracyEstimate
{
    /// <summary>Answers below which nothing is estimated.</summary>
    public const int AnswersMin = 50;

    /// <summary>Answers behind it.</summary>
    public required long Answers { get; init; }

    /// <summary>Estimated share of right answers.</summary>
    public required double Share { get; init; }

    /// <summary>Lower end of the band of two standard errors.</summary>
    public required double Low { get; init; }

    /// <summary>Upper end of it.</summary>
    public required double High { get; init; }

    /// <summary>The other estimate (ATC): share of the answers at or above the threshold; null when the package has no threshold.</summary>
    public double? Thresholded { get; init; }

    /// <summary>
    /// CBPE (NannyML): the mean of the calibrated probability of the given answers. The band adds what so few answers can show, <c>p (1 - p) / n</c>, to what so little
    /// validation data can, <c>sum of w^2 p (1 - p) / m</c> over the steps with their shares w of the answers and m answers in validation.
    /// </summary>
    /// <param name="steps">The calibration map.</param>
    /// <param name="counts">Answers by step.</param>
    /// <param name="above">Answers at or above the ATC threshold; null without one.</param>
    /// <param name="inflation">By what factor the answers are worth less than independent ones, as they follow each other on a stream.</param>
    /// <returns>Null with fewer than <see cref="AnswersMin"/> answers or without a map.</returns>
    public static AccuracyEstimate? Of(IReadOnlyList<CalibrationStep> steps, ReadOnlySpan<long> counts, long? above, double inflation)
    {
        var answers = 0L;
        foreach (var count in counts)
            answers += count;
        if (answers < AnswersMin || steps.Count == 0 || steps.Any(s => s.Answers < 1))
            return null;

        var (share, fit) = (0.0, 0.0);
        for (var i = 0; i < steps.Count; i++)
        {
            // One right and one wrong more (Laplace), so that a step where all were right is not certain.
            var p = (steps[i].Right + 1.0) / (steps[i].Answers + 2.0);
            var weight = (double)counts[i] / answers;
            share += weight * steps[i].Right / steps[i].Answers;
            fit += weight * weight * p * (1 - p) / steps[i].Answers;
        }

        var error = 2 * Math.Sqrt(share * (1 - share) * Math.Max(1, inflation) / answers + fit);
        return new AccuracyEstimate
        {
            Answers = answers,
            Share = share,
            Low = Math.Max(0, share - error),
            High = Math.Min(1, share + error),
            Thresholded = above is { } a ? (double)a / answers : null,
        };
    }
}
