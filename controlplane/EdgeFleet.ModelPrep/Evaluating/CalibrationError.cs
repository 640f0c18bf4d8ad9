namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>
/// Expected calibration error (Guo et al. 2017, arXiv 1706.04599): answers in bins of equal width by confidence, the distance between mean confidence and share of
/// right answers, weighted by answers.
/// </summary>
/// <param name="Ece">The error, 0 to 1.</param>
/// <param name="OfChance">What a perfectly honest model would show on so many answers by chance alone: below about this, nothing is wrong.</param>
/// <param name="MeanConfidence">Mean confidence of all answers.</param>
/// <param name="Bins">The bins, those without an answer left out.</param>
/// <param name="BinCount">Bins of equal width between 0 and 1.</param>
public sealed record CalibrationError(double Ece, double OfChance, double MeanConfidence, IReadOnlyList<CalibrationBin> Bins, int BinCount)
{
    /// <summary>Bins that are used unless another number is given.</summary>
    public const int DefaultBins = 15;

    /// <summary>The error of answers; null without any.</summary>
    /// <param name="answers">Confidence of each answer, and whether it was right.</param>
    /// <param name="bins">Bins of equal width.</param>
    public static CalibrationError? Of(IReadOnlyList<(double Confidence, bool IsRight)> answers, int bins = DefaultBins)
    {
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (answers.Count == 0) return null;
        var filled = answers.GroupBy(a => Math.Clamp((int)(a.Confidence * bins), 0, bins - 1)).OrderBy(g => g.Key)
            .Select(g => new CalibrationBin((double)g.Key / bins, (double)(g.Key + 1) / bins, g.Count(), g.Average(a => a.Confidence), (double)g.Count(a => a.IsRight) / g.Count()))
            .ToList();
        return new CalibrationError(
            filled.Sum(b => b.Answers * Math.Abs(b.Confidence - b.Right)) / answers.Count,
            filled.Sum(b => b.Answers * MeanDeviation(b.Confidence, b.Answers)) / answers.Count,
            answers.Average(a => a.Confidence), filled, bins);
    }

    // Mean absolute deviation of a binomial share from its mean: E|K - np| = 2 v (1 - p) P(K = v), v = floor(np) + 1 (de Moivre 1730, Diaconis and Zabell 1991).
    private static double MeanDeviation(double p, int n)
    {
        if (p is <= 0 or >= 1) return 0;
        var v = (int)Math.Floor(n * p) + 1;
        var logOfTerm = (v * Math.Log(p)) + ((n - v) * Math.Log(1 - p));
        for (var i = 1; i <= v; i++) logOfTerm += Math.Log((double)(n - v + i) / i);
        return 2 * v * (1 - p) * Math.Exp(logOfTerm) / n;
    }
}

/// <summary>Answers of like confidence.</summary>
/// <param name="From">Lower end of the confidence.</param>
/// <param name="To">Upper end.</param>
/// <param name="Answers">Answers.</param>
/// <param name="Confidence">Their mean confidence.</param>
/// <param name="Right">Share of them that is right.</param>
public sealed record CalibrationBin(double From, double To, int Answers, double Confidence, double Right);
