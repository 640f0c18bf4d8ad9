namespace EdgeFleet.Shared.Models;

/// <summary>What comparing a variant's answers with the golden set gave.</summary>
public sealed record GoldenVerdict
{
    /// <summary>True when the variant agrees as far as the set asks.</summary>
    public required bool Passed { get; init; }

    /// <summary>Items compared.</summary>
    public required int Items { get; init; }

    /// <summary>Items with the expected answer.</summary>
    public required int Agreed { get; init; }

    /// <summary>Mean change of the probability of the expected answer.</summary>
    public required double ProbabilityChange { get; init; }

    /// <summary>Share of items with the expected answer.</summary>
    public double Agreement => Items == 0 ? 0 : (double)Agreed / Items;

    /// <summary>The verdict in one sentence: what is wrong and how it was seen.</summary>
    public required string Summary { get; init; }
}

/// <summary>Judges a variant by its answers. No check but this one tells a collapsed model from a good one: it loads, is fast, has the right shapes and is sure of itself.</summary>
public static class GoldenJudge
{
    /// <summary>Compares raw outputs, one array an item, with the expected ones.</summary>
    /// <param name="set">The golden set.</param>
    /// <param name="output">How outputs become confidences, and the labels.</param>
    /// <param name="answers">Raw outputs of the variant, in the order of the set.</param>
    public static GoldenVerdict Judge(GoldenSet set, OutputSpec output, IReadOnlyList<float[]> answers)
    {
        if (answers.Count != set.Items.Count)
            throw new ArgumentException($"{answers.Count} answers for {set.Items.Count} golden items.", nameof(answers));

        var agreed = 0;
        var change = 0.0;
        var answered = new int[output.Labels.Count];
        Span<float> mine = new float[output.Labels.Count];
        Span<float> theirs = new float[output.Labels.Count];
        for (var i = 0; i < answers.Count; i++)
        {
            if (answers[i].Length != mine.Length || set.Items[i].Expected.Count != mine.Length)
                return Refused(set, i, $"item {i} has {answers[i].Length} outputs for {mine.Length} labels.");
            if (!answers[i].All(float.IsFinite))
                return Refused(set, i, $"item {i} is answered with a value that is not a number.");

            answers[i].CopyTo(mine);
            ((float[])[.. set.Items[i].Expected]).CopyTo(theirs);
            var mineTop = Activation.Apply(output.Activation, mine);
            var theirTop = Activation.Apply(output.Activation, theirs);
            answered[mineTop]++;
            agreed += mineTop == theirTop ? 1 : 0;
            change += Math.Abs(mine[theirTop] - theirs[theirTop]);
        }

        change /= Math.Max(1, answers.Count);
        var agreement = (double)agreed / Math.Max(1, answers.Count);
        var passed = answers.Count > 0 && agreement >= set.LeastAgreement && change <= set.ProbabilityTolerance;
        return new GoldenVerdict
        {
            Passed = passed,
            Items = answers.Count,
            Agreed = agreed,
            ProbabilityChange = change,
            Summary = Sentence(set, output, answers.Count, agreed, change, answered),
        };
    }

    private static string Sentence(GoldenSet set, OutputSpec output, int items, int agreed, double change, int[] answered)
    {
        var seen = FormattableString.Invariant(
            $"agrees with the float model on {agreed} of {items} golden items ({100.0 * agreed / Math.Max(1, items):0.0} %, at least {100 * set.LeastAgreement:0.#} % asked), mean change of probability {change:0.000} (at most {set.ProbabilityTolerance:0.###})");
        var top = Array.IndexOf(answered, answered.Max());
        return items > 0 && answered[top] == items && agreed < items
            ? $"answers '{output.Labels[top]}' for every item: {seen}."
            : $"{seen}.";
    }

    private static GoldenVerdict Refused(GoldenSet set, int compared, string why) => new()
    {
        Passed = false,
        Items = set.Items.Count,
        Agreed = 0,
        ProbabilityChange = 1,
        Summary = $"stopped after {compared} of {set.Items.Count} golden items: {why}",
    };
}
