using System.Globalization;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Shared.Models;

/// <summary>A verdict on the golden set in words: what was seen, what was asked, and the plain sign of a collapsed model where there is one.</summary>
internal static class GoldenSentence
{
    /// <summary>The sentence.</summary>
    public static string Of(GoldenSet set, OutputSpec output, AnswerAgreement all, IReadOnlyList<KeptAnswer> answers)
    {
        var (asked, tolerance) = (100 * set.LeastAgreement, set.ProbabilityTolerance);
        if (output.Boxes is not null)
        {
            if (all.Expected == 0)
                return "finds nothing to compare: the float model has no box in any golden item.";
            var found = Say($"finds {all.Matched} of the float model's {all.Expected} boxes in {all.Samples} golden items and {all.Given - all.Matched} that it does not (F1 {100 * all.Share:0.0} %, at least {asked:0.#} % asked), mean change of score {all.Change:0.000} (at most {tolerance:0.###})");
            return all.Given == 0 ? $"finds nothing in any item: {found}." : $"{found}.";
        }

        if (output.Score is not null)
        {
            var sides = Say($"is on the float model's side of the threshold for {all.Same} of {all.Samples} golden items ({100 * all.Share:0.0} %, at least {asked:0.#} % asked), mean change of confidence {all.Change:0.000} (at most {tolerance:0.###})");
            return answers.Count > 1 && all.Same < all.Samples && answers.All(a => a.Score.Equals(answers[0].Score))
                ? Say($"scores {answers[0].Score:0.####} for every item: {sides}.")
                : $"{sides}.";
        }

        var seen = Say($"agrees with the float model on {all.Same} of {all.Samples} golden items ({100 * all.Share:0.0} %, at least {asked:0.#} % asked), mean change of probability {all.Change:0.000} (at most {tolerance:0.###})");
        var tops = answers.Select(a => Top(a.Outputs)).Distinct().ToList();
        return tops.Count == 1 && all.Same < all.Samples ? $"answers '{output.Labels[tops[0]]}' for every item: {seen}." : $"{seen}.";
    }

    private static int Top(IReadOnlyList<float> outputs) => Enumerable.Range(0, outputs.Count).MaxBy(i => outputs[i]);

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
