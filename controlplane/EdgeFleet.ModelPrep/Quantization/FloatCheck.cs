using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Whether the float model is worth copying: one that is wrong on the data, mostly for its inputs are prepared otherwise than in training, makes every int8 form look good.</summary>
internal static class FloatCheck
{
    // A tenth of the way from guessing to knowing.
    private const double BeyondChanceMin = 0.1;

    /// <summary>What is wrong, in a sentence; null when nothing is, or nobody has said what is right.</summary>
    public static string? Fault(IReadOnlyList<Answered> answers, PackSpecs specs, string file)
    {
        if (answers.Count == 0) return "The validation split has no sample that can be read.";
        if (answers.Count(a => a.Answers[0].Kept is null) is > 0 and var broken)
            return $"{file} answers {broken} of {answers.Count} validation {specs.Noun} with a value that is not a number. Check the model, and the scale and offset of its input.";
        if (specs.Output.Boxes is not null || answers.Any(a => a.Label < 0)) return null;

        var classes = answers.GroupBy(a => a.Label).ToList();
        var recall = classes.Average(c => (double)c.Count(a => a.Answer(0) == a.Label) / c.Count());
        var chance = 1.0 / specs.Output.Labels.Count;
        if (recall >= chance + (BeyondChanceMin * (1 - chance))) return null;

        var favourite = answers.GroupBy(a => a.Answer(0)).MaxBy(g => g.Count())!;
        return FormattableString.Invariant(
            $"{file} is itself wrong on the data: it answers {answers.Count(a => a.Answer(0) == a.Label)} of {answers.Count} validation {specs.Noun} rightly, no better than guessing ('{specs.Output.Labels[favourite.Key]}' for {favourite.Count()} of them). Check --scale, --offset (or --mean, --std), --layout, --colour-order and the order of the labels: they must be those of its training.");
    }
}
