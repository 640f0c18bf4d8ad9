namespace EdgeFleet.Shared.Models;

/// <summary>Calibration maps: of answers with a confidence like this one, how many are right.</summary>
public static class Calibration
{
    // Fewer answers than this say little about a share, so that the first groups have as many.
    private const int GroupAnswers = 10;

    /// <summary>
    /// Fits a map by isotonic regression (pool adjacent violators, Ayer et al. 1955) over groups of at least 10 answers: steps of growing confidence whose share of right
    /// answers does not fall. The last step ends at 1.
    /// </summary>
    /// <param name="answers">Confidence of each answer and whether it was right, of data that the model was not trained on.</param>
    public static IReadOnlyList<CalibrationStep> Fit(IEnumerable<(double Confidence, bool IsRight)> answers)
    {
        var blocks = new List<CalibrationStep>();
        foreach (var group in Groups([.. answers.OrderBy(a => a.Confidence)]))
        {
            var block = group;
            while (blocks.Count > 0 && ShareOf(blocks[^1]) >= ShareOf(block))
            {
                block = block with { Answers = block.Answers + blocks[^1].Answers, Right = block.Right + blocks[^1].Right };
                blocks.RemoveAt(blocks.Count - 1);
            }

            blocks.Add(block);
        }

        if (blocks.Count > 0)
            blocks[^1] = blocks[^1] with { ConfidenceTo = 1 };
        return blocks;
    }

    /// <summary>The threshold of ATC: the confidence below which as large a share of the answers lies as was wrong. Null without answers.</summary>
    public static double? Threshold(IEnumerable<(double Confidence, bool IsRight)> answers)
    {
        var sorted = answers.OrderBy(a => a.Confidence).ToArray();
        var wrong = sorted.Count(a => !a.IsRight);
        return sorted.Length == 0 ? null : wrong == sorted.Length ? 1 : sorted[wrong].Confidence;
    }

    /// <summary>Place of the step that an answer's confidence falls into; -1 when the map has none.</summary>
    public static int StepOf(IReadOnlyList<CalibrationStep> steps, double confidence)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            if (confidence <= steps[i].ConfidenceTo)
                return i;
        }

        return steps.Count - 1;
    }

    private static IEnumerable<CalibrationStep> Groups((double Confidence, bool IsRight)[] sorted)
    {
        for (var from = 0; from < sorted.Length;)
        {
            // A rest below a group's size joins it, and so do answers as sure as its last.
            var to = sorted.Length - from < 2 * GroupAnswers ? sorted.Length : from + GroupAnswers;
            while (to < sorted.Length && sorted[to].Confidence <= sorted[to - 1].Confidence)
                to++;
            yield return new CalibrationStep
            {
                ConfidenceTo = Math.Round(sorted[to - 1].Confidence, 6, MidpointRounding.ToPositiveInfinity),
                Answers = to - from,
                Right = sorted[from..to].Count(a => a.IsRight),
            };
            from = to;
        }
    }

    private static double ShareOf(CalibrationStep step) => (double)step.Right / step.Answers;
}
