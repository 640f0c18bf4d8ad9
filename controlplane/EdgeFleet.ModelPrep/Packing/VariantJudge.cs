using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

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
    public static SplitScore Score(IReadOnlyList<Answered> answers, int model, OutputSpec output)
    {
        var agreement = AgreementOf(answers, model, output);
        if (output.Boxes is null)
            return new SplitScore { Samples = answers.Count, Right = answers.Count(a => a.Answer(model) == a.Label), Agreed = (int)agreement.Same };

        var labelled = answers.Where(a => a.File.Boxes is not null).Select(a => (a.File.Boxes!, a.Answers[model].Kept?.Boxes ?? [])).ToList();
        return new SplitScore
        {
            Samples = answers.Count,
            Right = labelled.Count(i => AnswerComparison.Match(i.Item1, i.Item2) is var pairs && pairs.All(p => p >= 0) && pairs.Length == i.Item1.Count),
            Agreed = (int)agreement.Same,
            IsLabelled = labelled.Count > 0,
            BoxF1 = agreement.Share,
            MeanAveragePrecision = AveragePrecision.Mean(labelled),
        };
    }

    /// <summary>How far a model's answers are the float model's.</summary>
    public static AnswerAgreement AgreementOf(IEnumerable<Answered> answers, int model, OutputSpec output) => answers
        .Where(a => a.Answers[0].Kept is not null)
        .Aggregate(new AnswerAgreement(), (sum, a) => sum.Plus(AnswerComparison.Compare(output, a.Answers[0].Kept!, a.Answers[model].Kept)));

    /// <summary>The report on one variant; <c>Refused</c> says in a sentence what is wrong and how it was seen.</summary>
    public static VariantReport Judge(
        JudgedModel model, int index, string floatFile, IReadOnlyDictionary<string, List<Answered>> splits, PackSpecs specs, VariantLimits limits)
    {
        var validation = splits["val"];
        return new VariantReport
        {
            Name = model.Variant,
            Size = model.Size,
            Splits = splits.ToDictionary(s => s.Key, s => Score(s.Value, index, specs.Output)),
            SqnrDb = Math.Round(SqnrDb(validation, index), 2),
            Refused = Refusal(model.File, index, floatFile, validation, specs, limits),
        };
    }

    private static string? Refusal(
        string file, int index, string floatFile, List<Answered> validation, PackSpecs specs, VariantLimits limits)
    {
        var score = Score(validation, index, specs.Output);
        var floatScore = Score(validation, 0, specs.Output);
        if (score.Agreement >= limits.AgreementMin)
        {
            // A share is compared with room for rounding: 0.03 of 100 is exactly 3.
            if (floatScore.Accuracy - score.Accuracy <= limits.AccuracyLossMax + 1e-9) return null;
            if (specs.Output.Boxes is not null)
            {
                return FormattableString.Invariant(
                    $"{file} reaches a mean average precision of {score.Accuracy:0.000} on validation where {floatFile} reaches {floatScore.Accuracy:0.000}; at most {limits.AccuracyLossMax:0.###} may be lost.");
            }

            return FormattableString.Invariant(
                $"{file} answers {score.Right} of {validation.Count} validation {specs.Noun} rightly ({100 * score.Accuracy:0.0} %) where {floatFile} answers {floatScore.Right} ({100 * floatScore.Accuracy:0.0} %); at most {100 * limits.AccuracyLossMax:0.#} points may be lost.");
        }

        var noun = specs.Noun;
        if (specs.Output.Boxes is not null)
        {
            var boxes = AgreementOf(validation, index, specs.Output);
            return FormattableString.Invariant(
                $"{file} finds {boxes.Matched} of the {boxes.Expected} boxes that {floatFile} finds in {validation.Count} validation {noun}, and {boxes.Given - boxes.Matched} that it does not (F1 {100 * score.Agreement:0.0} %); at least {100 * limits.AgreementMin:0.#} % is asked.");
        }

        var asked = FormattableString.Invariant($"({100 * score.Agreement:0.0} %), at least {100 * limits.AgreementMin:0.#} % is asked.");
        var notNumbers = validation.Count(a => a.Answers[index].Kept is null);
        if (notNumbers > 0)
            return $"{file} answers {notNumbers} of {validation.Count} validation {noun} with a value that is not a number; it agrees with {floatFile} on {score.Agreed} {asked}";

        var favourite = validation.GroupBy(a => a.Answer(index)).MaxBy(g => g.Count())!;
        return favourite.Count() >= 0.95 * validation.Count
            ? $"{file} answers {specs.Output.Labels[favourite.Key]} for {favourite.Count()} of {validation.Count} validation {noun}; it agrees with {floatFile} on {score.Agreed} {asked}"
            : $"{file} agrees with {floatFile} on {score.Agreed} of {validation.Count} validation {noun} {asked}";
    }

    /// <summary>Signal to noise of a model's raw outputs beside the float model's, dB.</summary>
    public static double SqnrDb(IReadOnlyList<Answered> answers, int index)
    {
        double signal = 0, noise = 0;
        foreach (var answer in answers)
        {
            signal += answer.Signal;
            noise += answer.Answers[index].Noise;
        }

        return !double.IsFinite(noise) ? -SqnrMaxDb : noise == 0 ? SqnrMaxDb : Math.Clamp(10 * Math.Log10(signal / noise), -SqnrMaxDb, SqnrMaxDb);
    }
}
