using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.ModelPrep.Inspecting;

/// <summary>Holds two models against each other: graph, weights, and answers where there is data.</summary>
public static class ModelDiffer
{
    /// <summary>Compares two files.</summary>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <exception cref="OnnxFileException">One cannot be read.</exception>
    public static ModelDifference Compare(string a, string b)
    {
        var (first, second) = (ModelInspector.Inspect(a), ModelInspector.Inspect(b));
        var mine = WeightReader.Read(OnnxFile.Read(a).Graph).ToList();
        var theirs = WeightReader.Read(OnnxFile.Read(b).Graph).ToList();
        var pairs = Pairs(mine, theirs);
        return new ModelDifference
        {
            A = first,
            B = second,
            IsSameFile = first.Digest == second.Digest,
            Outside = [.. Outside(first, second)],
            Operators = [.. first.Operators.Keys.Union(second.Operators.Keys).Select(o => new OperatorDifference(o, first.Operators.GetValueOrDefault(o), second.Operators.GetValueOrDefault(o))).Where(o => o.A != o.B).OrderByDescending(o => Math.Abs(o.A - o.B))],
            Layers =
            [
                .. mine.Except(pairs.Select(p => p.A)).Select(l => $"{l.Operator} '{l.Name}' [{string.Join(", ", l.Shape)}] only in {first.File}"),
                .. theirs.Except(pairs.Select(p => p.B)).Select(l => $"{l.Operator} '{l.Name}' [{string.Join(", ", l.Shape)}] only in {second.File}"),
            ],
            Weights = [.. pairs.Select(p => Weights(p.A, p.B)).OrderBy(w => w.SqnrDb ?? double.MaxValue)],
        };
    }

    /// <summary>Asks both models the same samples.</summary>
    /// <param name="request">Exactly two models, and the data.</param>
    /// <param name="progress">Hears of each file.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="PackException">A model or the data cannot be used.</exception>
    public static AnswerDifference Ask(EvaluateRequest request, IProgress<PackProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var places = ModelPlace.Find(request.Models, request);
        if (places.Count != 2) throw new PackException($"Two models are compared; {string.Join(" and ", request.Models)} hold {places.Count}. Name the files of the variants.");
        if (!places[0].Specs.Output.Labels.SequenceEqual(places[1].Specs.Output.Labels)) throw new PackException("The two have other labels. Their answers cannot be compared.");
        using var a = OpenedModel.Open(places[0]);
        using var b = OpenedModel.Open(places[1]);
        var output = places[0].Specs.Output;
        var data = LabelledData.OpenFlat(request.Data, output.Labels, output.Boxes is null ? request.Task : ModelTask.ObjectDetection);
        var files = ModelComparer.FilesOf(data, request);
        var (reader, steps) = (new SplitReader(ISampleReader.For(places[0].Specs.Input)), new EvaluationSteps(progress, files.Count));
        List<Answered> answers = [.. new SampleAsker([a, b], reader).Ask(files, f => steps.Next($"ask {f.Split}"), cancel).Select(s => s.Answered)];
        var agreement = VariantJudge.AgreementOf(answers, 1, output);
        var isLabelled = output.Boxes is null ? answers.All(s => s.Label >= 0) : answers.All(s => s.File.Boxes is not null);
        return new AnswerDifference(
            answers.Count, agreement.Share, agreement.Change,
            [.. answers.Where(s => Differs(s, output)).Select(s => new DifferingAnswer(s.File.Name, s.Label < 0 ? null : output.Labels[s.Label], Words(s.Answers[0], output), Words(s.Answers[1], output)))],
            isLabelled ? answers.Count(s => ModelScorer.IsRight(s, 0, output)) : null, isLabelled ? answers.Count(s => ModelScorer.IsRight(s, 1, output)) : null, [.. reader.Unreadable]);
    }

    private static bool Differs(Answered sample, OutputSpec output) =>
        sample.Answers[0].Kept is not { } first ? sample.Answers[1].Kept is not null : AnswerComparison.Compare(output, first, sample.Answers[1].Kept).Same == 0;

    private static string Words(ModelAnswer answer, OutputSpec output) => answer.Kept is null ? "not a number"
        : output.Boxes is not null ? $"{answer.Kept.Boxes.Count} box(es)"
        : FormattableString.Invariant($"{output.Labels[answer.Label]} {answer.Confidence:0.00}");

    private static IEnumerable<string> Outside(ModelSheet a, ModelSheet b)
    {
        foreach (var (what, mine, theirs) in new[] { ("Input", a.Inputs, b.Inputs), ("Output", a.Outputs, b.Outputs) })
        {
            var (first, second) = (string.Join("; ", mine), string.Join("; ", theirs));
            if (first != second) yield return $"{what}: {first} | {second}";
        }

        foreach (var domain in a.Opsets.Keys.Union(b.Opsets.Keys).Where(d => a.Opsets.GetValueOrDefault(d) != b.Opsets.GetValueOrDefault(d)))
            yield return $"Opset of {domain}: {Known(a.Opsets.GetValueOrDefault(domain))} | {Known(b.Opsets.GetValueOrDefault(domain))}";
        foreach (var key in a.Metadata.Keys.Union(b.Metadata.Keys).Where(k => a.Metadata.GetValueOrDefault(k) != b.Metadata.GetValueOrDefault(k)).Order(StringComparer.Ordinal))
            yield return $"{key}: {a.Metadata.GetValueOrDefault(key, "(none)")} | {b.Metadata.GetValueOrDefault(key, "(none)")}";
        if (a.Producer != b.Producer) yield return $"Written by: {a.Producer} | {b.Producer}";
    }

    private static string Known(long version) => version == 0 ? "(none)" : $"{version}";

    // By name; where the files name their layers otherwise but have as many of them, of the same shapes in the same order, by place.
    private static List<(LayerWeights A, LayerWeights B)> Pairs(List<LayerWeights> mine, List<LayerWeights> theirs)
    {
        var byName = theirs.GroupBy(l => l.Name).ToDictionary(g => g.Key, g => g.First());
        List<(LayerWeights A, LayerWeights B)> named = [.. mine.Where(l => byName.TryGetValue(l.Name, out var other) && other.Shape.SequenceEqual(l.Shape)).Select(l => (l, byName[l.Name]))];
        var isByPlace = named.Count < mine.Count && mine.Count == theirs.Count && mine.Zip(theirs).All(p => p.First.Shape.SequenceEqual(p.Second.Shape));
        return isByPlace ? [.. mine.Zip(theirs)] : named;
    }

    private static WeightDifference Weights(LayerWeights a, LayerWeights b)
    {
        double signal = 0, noise = 0;
        var (changed, greatest) = (0L, 0f);
        for (var i = 0; i < a.Values.Length; i++)
        {
            var change = Math.Abs(a.Values[i] - b.Values[i]);
            if (change > 0) changed++;
            greatest = Math.Max(greatest, change);
            signal += (double)a.Values[i] * a.Values[i];
            noise += (double)change * change;
        }

        return new WeightDifference(a.Name, a.Shape, a.Type, b.Type, changed, a.Values.Length, greatest, noise == 0 ? null : signal == 0 ? 0 : Math.Round(10 * Math.Log10(signal / noise), 2));
    }
}
