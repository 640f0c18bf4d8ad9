using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>Turns answers into the figures of one model. Pure: answer 0 is the reference's.</summary>
internal sealed class ModelScorer(IReadOnlyList<Answered> answers, OutputSpec output, bool isLabelled)
{
    /// <summary>Whether a model's answer to a sample is right.</summary>
    public static bool IsRight(Answered sample, int model, OutputSpec output)
    {
        if (output.Boxes is null) return sample.Answer(model) == sample.Label;
        var given = sample.Answers[model].Kept?.Boxes ?? [];
        var pairs = AnswerComparison.Match(sample.File.Boxes ?? [], given);
        return pairs.Length == sample.File.Boxes?.Count && pairs.All(p => p >= 0);
    }

    /// <summary>Everything that answers tell of a model.</summary>
    public ModelEvaluation Score(OpenedModel opened, int model, bool hasReference) => new()
    {
        Name = opened.Place.Name,
        Digest = opened.Digest.Value,
        Size = opened.Size,
        IsQuantized = opened.IsQuantized,
        NotNumbers = answers.Count(a => a.Answers[model].Kept is null),
        Right = isLabelled ? ShareEstimate.Of95(answers.Count(a => IsRight(a, model, output)), answers.Count) : null,
        MeanAveragePrecision = isLabelled && output.Boxes is not null ? VariantJudge.Score(answers, model, output).MeanAveragePrecision : null,
        PerLabel = !isLabelled ? [] : output.Boxes is null ? PerLabel(model) : PerBoxLabel(model),
        Confusion = isLabelled && output.Boxes is null ? Confusion(model) : [],
        Calibration = isLabelled && output is { Boxes: null, Score: null }
            ? CalibrationError.Of([.. answers.Where(a => a.Answers[model].Kept is not null).Select(a => ((double)a.Answers[model].Confidence, IsRight(a, model, output)))])
            : null,
        Beside = hasReference && model > 0 ? BesideReference(model) : null,
    };

    private Beside BesideReference(int model)
    {
        var agreement = VariantJudge.AgreementOf(answers, model, output);
        return new Beside(agreement.Share, agreement.Change,
            isLabelled ? answers.Count(a => IsRight(a, 0, output) && !IsRight(a, model, output)) : null,
            isLabelled ? answers.Count(a => !IsRight(a, 0, output) && IsRight(a, model, output)) : null);
    }

    private int[][] Confusion(int model)
    {
        var counts = output.Labels.Select(_ => new int[output.Labels.Count]).ToArray();
        foreach (var answer in answers.Where(a => a.Answer(model) >= 0)) counts[answer.Label][answer.Answer(model)]++;
        return counts;
    }

    private LabelScore[] PerLabel(int model) => [.. output.Labels.Select((label, i) =>
    {
        var said = answers.Count(a => a.Answer(model) == i);
        var right = answers.Count(a => a.Answer(model) == i && a.Label == i);
        return new LabelScore(label, ShareEstimate.Of95(right, answers.Count(a => a.Label == i)), said == 0 ? null : (double)right / said);
    })];

    private LabelScore[] PerBoxLabel(int model)
    {
        int[] found = new int[output.Labels.Count], given = new int[output.Labels.Count], there = new int[output.Labels.Count];
        foreach (var answer in answers)
        {
            var (boxes, wanted) = (answer.Answers[model].Kept?.Boxes ?? [], answer.File.Boxes!);
            foreach (var box in boxes) given[box.Label]++;
            foreach (var box in wanted) there[box.Label]++;
            foreach (var pair in AnswerComparison.Match(wanted, boxes).Where(p => p >= 0)) found[wanted[pair].Label]++;
        }

        return [.. output.Labels.Select((label, i) => new LabelScore(label, ShareEstimate.Of95(found[i], there[i]), given[i] == 0 ? null : (double)found[i] / given[i]))];
    }
}
