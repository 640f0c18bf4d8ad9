using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>A model by the names that sentences and figures need.</summary>
/// <param name="File">File name.</param>
/// <param name="Variant">Name of the variant.</param>
/// <param name="Size">Bytes.</param>
internal sealed record JudgedModel(string File, string Variant, long Size);

/// <summary>What a variant may differ from its float model on validation.</summary>
/// <param name="AgreementMin">Least share of equal answers.</param>
/// <param name="AccuracyLossMax">Largest loss in the share of right answers.</param>
internal sealed record VariantLimits(double AgreementMin, double AccuracyLossMax);

/// <summary>Decides from answers whether a variant says what its float model says. Pure: model 0 of the answers is the float model.</summary>
internal static class VariantJudge
{
    // Shown for a variant that gives the very same outputs; JSON has no infinity.
    private const double SqnrMaxDb = 200;

    /// <summary>The float model's own score on a split.</summary>
    public static SplitScore Score(IReadOnlyList<Answered> answers, int model) => new()
    {
        Samples = answers.Count,
        Right = answers.Count(a => a.Answer(model) == a.Label),
        Agreed = answers.Count(a => a.Answer(model) == a.Answer(0)),
    };

    /// <summary>The report on one variant; <c>Refused</c> says in a sentence what is wrong and how it was seen.</summary>
    public static VariantReport Judge(
        JudgedModel model, int index, string floatFile, IReadOnlyDictionary<string, List<Answered>> splits, PackSpecs specs, VariantLimits limits)
    {
        var validation = splits["val"];
        return new VariantReport
        {
            Name = model.Variant,
            Size = model.Size,
            Splits = splits.ToDictionary(s => s.Key, s => Score(s.Value, index)),
            SqnrDb = Math.Round(SqnrDb(validation, index), 2),
            Refused = Refusal(model.File, index, floatFile, validation, specs, limits),
        };
    }

    private static string? Refusal(
        string file, int index, string floatFile, List<Answered> validation, PackSpecs specs, VariantLimits limits)
    {
        var score = Score(validation, index);
        var floatScore = Score(validation, 0);
        if (score.Agreement >= limits.AgreementMin)
        {
            // A share is compared with room for rounding: 0.03 of 100 is exactly 3.
            return floatScore.Accuracy - score.Accuracy <= limits.AccuracyLossMax + 1e-9 ? null : FormattableString.Invariant(
                $"{file} answers {score.Right} of {validation.Count} validation {specs.Noun} rightly ({100 * score.Accuracy:0.0} %) where {floatFile} answers {floatScore.Right} ({100 * floatScore.Accuracy:0.0} %); at most {100 * limits.AccuracyLossMax:0.#} points may be lost.");
        }

        var noun = specs.Noun;
        var asked = FormattableString.Invariant($"({100 * score.Agreement:0.0} %), at least {100 * limits.AgreementMin:0.#} % is asked.");
        var notNumbers = validation.Count(a => a.Answer(index) < 0);
        if (notNumbers > 0)
            return $"{file} answers {notNumbers} of {validation.Count} validation {noun} with a value that is not a number; it agrees with {floatFile} on {score.Agreed} {asked}";

        var favourite = validation.GroupBy(a => a.Answer(index)).MaxBy(g => g.Count())!;
        return favourite.Count() >= 0.95 * validation.Count
            ? $"{file} answers {specs.Output.Labels[favourite.Key]} for {favourite.Count()} of {validation.Count} validation {noun}; it agrees with {floatFile} on {score.Agreed} {asked}"
            : $"{file} agrees with {floatFile} on {score.Agreed} of {validation.Count} validation {noun} {asked}";
    }

    private static double SqnrDb(List<Answered> answers, int index)
    {
        double signal = 0, noise = 0;
        foreach (var answer in answers)
        {
            for (var i = 0; i < answer.Outputs[0].Length; i++)
            {
                double wanted = answer.Outputs[0][i], difference = wanted - answer.Outputs[index][i];
                signal += wanted * wanted;
                noise += difference * difference;
            }
        }

        return !double.IsFinite(noise) ? -SqnrMaxDb : noise == 0 ? SqnrMaxDb : Math.Clamp(10 * Math.Log10(signal / noise), -SqnrMaxDb, SqnrMaxDb);
    }
}
