using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Shared.Models;

/// <summary>What comparing a variant's answers with the golden set gave.</summary>
public sealed record GoldenVerdict
{
    /// <summary>True when the variant agrees as far as the set asks.</summary>
    public required bool Passed { get; init; }

    /// <summary>Items compared.</summary>
    public required int Items { get; init; }

    /// <summary>Items with the expected answer: the label, all boxes, the side of the threshold.</summary>
    public required int Agreed { get; init; }

    /// <summary>Mean change of the confidence in the expected answer.</summary>
    public required double ProbabilityChange { get; init; }

    /// <summary>Share of items with the expected answer; for boxes the F1 of those that match.</summary>
    public required double Agreement { get; init; }

    /// <summary>The verdict in one sentence: what is wrong and how it was seen.</summary>
    public required string Summary { get; init; }
}

/// <summary>Judges a variant by its answers. No check but this one tells a collapsed model from a good one: it loads, is fast, has the right shapes and is sure of itself.</summary>
public static class GoldenJudge
{
    /// <summary>Compares answers with the expected ones.</summary>
    /// <param name="set">The golden set.</param>
    /// <param name="output">How outputs become answers, and the labels.</param>
    /// <param name="answers">Answers of the variant, in the order of the set; null for one that was not a number.</param>
    public static GoldenVerdict Judge(GoldenSet set, OutputSpec output, IReadOnlyList<KeptAnswer?> answers)
    {
        if (answers.Count != set.Items.Count)
            throw new ArgumentException($"{answers.Count} answers for {set.Items.Count} golden items.", nameof(answers));

        var all = new AnswerAgreement();
        for (var i = 0; i < answers.Count; i++)
        {
            if (WhyUnusable(set.Items[i], output, answers[i]) is { } why)
                return Refused(set, i, $"item {i} {why}");
            all = all.Plus(AnswerComparison.Compare(output, set.Items[i].Answer, answers[i]));
        }

        var isProof = answers.Count > 0 && (output.Boxes is null || all.Expected > 0);
        return new GoldenVerdict
        {
            Passed = isProof && all.Share >= set.LeastAgreement && all.Change <= set.ProbabilityTolerance,
            Items = answers.Count,
            Agreed = (int)all.Same,
            ProbabilityChange = all.Change,
            Agreement = isProof ? all.Share : 0,
            Summary = GoldenSentence.Of(set, output, all, answers!),
        };
    }

    private static string? WhyUnusable(GoldenItem item, OutputSpec output, KeptAnswer? answer)
    {
        if (answer is null || !answer.Outputs.All(float.IsFinite) || !double.IsFinite(answer.Score))
            return "is answered with a value that is not a number.";
        if (output is { Boxes: null, Score: null } && (answer.Outputs.Count != output.Labels.Count || item.Expected.Count != output.Labels.Count))
            return $"has {answer.Outputs.Count} outputs and {item.Expected.Count} expected ones for {output.Labels.Count} labels.";
        return item.Boxes.Any(b => b.Label < 0 || b.Label >= output.Labels.Count || !float.IsFinite(b.Score + b.Area))
            ? "expects a box that has no label or no place."
            : null;
    }

    private static GoldenVerdict Refused(GoldenSet set, int compared, string why) => new()
    {
        Passed = false,
        Items = set.Items.Count,
        Agreed = 0,
        ProbabilityChange = 1,
        Agreement = 0,
        Summary = $"stopped after {compared} of {set.Items.Count} golden items: {why}",
    };
}
