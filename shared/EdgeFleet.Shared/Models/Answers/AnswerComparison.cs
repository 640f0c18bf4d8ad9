namespace EdgeFleet.Shared.Models.Answers;

/// <summary>Compares two models' answers to one sample. Pure.</summary>
public static class AnswerComparison
{
    /// <summary>Overlap from which two boxes of one label are the same.</summary>
    public const float IouMin = 0.5f;

    /// <summary>Compares a model's answer with the one expected.</summary>
    /// <param name="output">How outputs are read.</param>
    /// <param name="expected">The answer of the model that is compared with.</param>
    /// <param name="given">The other answer; null for one that was not a number.</param>
    public static AnswerAgreement Compare(OutputSpec output, KeptAnswer expected, KeptAnswer? given)
    {
        if (given is null)
            return new AnswerAgreement { Samples = 1, NotNumbers = 1, Expected = expected.Boxes.Count, ChangeMillionths = output.Boxes is null ? 1_000_000 : 0, Changes = output.Boxes is null ? 1 : 0 };

        return output switch
        {
            { Boxes: not null } => Boxes(expected.Boxes, given.Boxes),
            { Score: { } score } => Changed(
                IsAnomaly(score, expected.Score) == IsAnomaly(score, given.Score),
                AnomalyAnswer.ConfidenceAt(expected.Score, score, score.Threshold) - AnomalyAnswer.ConfidenceAt(given.Score, score, score.Threshold)),
            _ => Classes(output.Activation, expected.Outputs, given.Outputs),
        };
    }

    /// <summary>Pairs boxes of one label that overlap: each given box, the surest first, takes the one left that it overlaps most.</summary>
    /// <param name="expected">The boxes to be found.</param>
    /// <param name="given">The boxes found, the surest first.</param>
    /// <returns>For each given box the index of the expected one, or -1.</returns>
    public static int[] Match(IReadOnlyList<Box> expected, IReadOnlyList<Box> given)
    {
        var (pairs, taken) = (new int[given.Count], new bool[expected.Count]);
        for (var g = 0; g < given.Count; g++)
        {
            var (best, overlap) = (-1, 0f);
            for (var e = 0; e < expected.Count; e++)
            {
                var iou = taken[e] || expected[e].Label != given[g].Label ? 0 : expected[e].Iou(given[g]);
                if (iou >= IouMin && iou > overlap)
                    (best, overlap) = (e, iou);
            }

            pairs[g] = best;
            if (best >= 0)
                taken[best] = true;
        }

        return pairs;
    }

    private static AnswerAgreement Classes(string activation, IReadOnlyList<float> expected, IReadOnlyList<float> given)
    {
        float[] theirs = [.. expected], mine = [.. given];
        var (theirTop, mineTop) = (Activation.Apply(activation, theirs), Activation.Apply(activation, mine));
        return theirTop < 0 || mineTop < 0
            ? new AnswerAgreement { Samples = 1, NotNumbers = 1, ChangeMillionths = 1_000_000, Changes = 1 }
            : Changed(theirTop == mineTop, mine[theirTop] - theirs[theirTop]);
    }

    private static AnswerAgreement Changed(bool isSame, float change) =>
        new() { Samples = 1, Same = isSame ? 1 : 0, ChangeMillionths = Millionths(change), Changes = 1 };

    private static AnswerAgreement Boxes(IReadOnlyList<Box> expected, IReadOnlyList<Box> given)
    {
        var pairs = Match(expected, given);
        var matched = pairs.Count(p => p >= 0);
        return new AnswerAgreement
        {
            Samples = 1,
            Same = matched == expected.Count && matched == given.Count ? 1 : 0,
            Expected = expected.Count,
            Given = given.Count,
            Matched = matched,
            ChangeMillionths = pairs.Select((e, g) => e < 0 ? 0 : Millionths(given[g].Score - expected[e].Score)).Sum(),
            Changes = matched,
        };
    }

    private static bool IsAnomaly(ScoreSpec spec, double score) => AnomalyAnswer.ConfidenceAt(score, spec, spec.Threshold) >= 0.5f;

    private static long Millionths(float change) => (long)Math.Round(1e6 * Math.Abs(change));
}
