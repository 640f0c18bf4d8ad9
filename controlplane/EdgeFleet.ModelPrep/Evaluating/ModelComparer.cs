using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>Measures models side by side on labelled data, prepared and optimized as on a board.</summary>
public static class ModelComparer
{
    private const double BlockMs = 50;
    private const double CollapsedShare = 0.95;

    /// <summary>Measures.</summary>
    /// <exception cref="PackException">A model or the data cannot be used.</exception>
    public static EvaluationReport Compare(EvaluateRequest request, IProgress<PackProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var models = new List<OpenedModel>();
        try
        {
            foreach (var place in ModelPlace.Find(request.Models.Prepend(request.Reference).OfType<string>().Distinct(), request)) models.Add(OpenedModel.Open(place));
            if (models.Count == 0) throw new PackException("No model to evaluate. Give ONNX files, or folders of packages with a variant for the CPU.");
            var hasReference = request.Reference is not null || models.Any(m => !m.IsQuantized);
            if (request.Reference is null && models.FindIndex(m => !m.IsQuantized) is > 0 and var first) (models[0], models[first]) = (models[first], models[0]);
            return Measure(request, models, hasReference, progress, cancel);
        }
        finally
        {
            models.ForEach(m => m.Dispose());
        }
    }

    private static EvaluationReport Measure(EvaluateRequest request, List<OpenedModel> models, bool hasReference, IProgress<PackProgress>? progress, CancellationToken cancel)
    {
        var (input, output) = (models[0].Place.Specs.Input, models[0].Place.Specs.Output);
        CheckAlike(models);
        var task = output.Boxes is not null ? ModelTask.ObjectDetection : request.Task;
        var data = LabelledData.OpenFlat(request.Data, output.Labels, task);
        var files = FilesOf(data, request);
        var steps = new EvaluationSteps(progress, files.Count + (request.LatencyBlocks * models.Count));

        var reader = new SplitReader(ISampleReader.For(input));
        var asker = new SampleAsker(models, reader);
        List<AskedSample> asked = [.. asker.Ask(files, f => steps.Next($"ask {f.Split}"), cancel)];
        if (asked.Count == 0) throw new PackException($"No file of split {request.Split} of {request.Data} can be read: {string.Join(" ", reader.Unreadable)}");

        List<Answered> answers = asked.ConvertAll(a => a.Answered);
        var isLabelled = output.Boxes is null ? answers.All(a => a.Label >= 0) : answers.All(a => a.File.Boxes is not null);
        var dimensions = DimensionsOf(request, files, asked, input, isLabelled, output);
        var scorer = new ModelScorer(answers, output, isLabelled);
        var energy = MachineEnergy.Find();
        var blocks = request.LatencyBlocks == 0 ? null : LatencyRounds.Measure(
            models.ConvertAll(m => m.Session), asker.FirstTensors!, request.LatencyBlocks, BlockMs, energy.IsThere ? energy.Joule : null, () => steps.Next("latency, by turns"), cancel);
        return new EvaluationReport
        {
            Data = data.Describe(),
            Split = request.Split,
            Noun = models[0].Place.Specs.Noun,
            Samples = asked.Count,
            IsLabelled = isLabelled,
            Labels = output.Labels,
            Reference = hasReference ? models[0].Place.Name : null,
            Models = [.. models.Select((m, i) => WithSegments(scorer.Score(m, i, hasReference), answers, i, m.Place.Specs, dimensions) with
            {
                Latency = blocks is null ? null : LatencyRounds.Spread(blocks[i], blocks[0]),
                Energy = blocks is null ? null : LatencyRounds.Energy(blocks[i]),
            })],
            Dimensions = [.. dimensions.Select(d => d.Name)],
            EnergyNote = energy.Note,
            Unreadable = [.. reader.Unreadable],
            Notes = Notes(answers, models, hasReference, isLabelled),
        };
    }

    private static void CheckAlike(List<OpenedModel> models)
    {
        foreach (var other in models.Skip(1))
        {
            if (!other.Place.Specs.Output.Labels.SequenceEqual(models[0].Place.Specs.Output.Labels))
                throw new PackException($"{other.Place.Name} has other labels than {models[0].Place.Name}. Models of different labels cannot be compared on the same data.");
            if (other.Place.Specs.Input.Kind != models[0].Place.Specs.Input.Kind)
                throw new PackException($"{other.Place.Name} takes {other.Place.Specs.Noun} and {models[0].Place.Name} takes {models[0].Place.Specs.Noun}. Evaluate them apart.");
        }
    }

    /// <summary>The files of the split that was asked for.</summary>
    /// <exception cref="PackException">There are none.</exception>
    internal static IReadOnlyList<LabelledFile> FilesOf(LabelledData data, EvaluateRequest request)
    {
        var files = request.Split == "all" ? data.Files : data.Of(LabelledData.SplitOf(request.Split) ?? throw new PackException($"The split '{request.Split}' is not known. Use train, val, test or all."));
        return files.Count > 0 ? files : throw new PackException($"{request.Data} has no files in split '{request.Split}' ({data.Describe()}). Choose another with --split.");
    }

    private static IReadOnlyList<Dimension> DimensionsOf(
        EvaluateRequest request, IReadOnlyList<LabelledFile> files, List<AskedSample> asked, InputSpec input, bool isLabelled, OutputSpec output)
    {
        if (!isLabelled) return [];
        var named = SampleSegments.Read(request.Segments ?? SampleSegments.Default(files, input.Kind == "image"), asked, request.Data);
        return output.Boxes is not null ? named : [new Dimension(SampleSegments.Label, [.. asked.Select(a => output.Labels[a.Answered.Label])]), .. named];
    }

    private static ModelEvaluation WithSegments(ModelEvaluation score, List<Answered> answers, int model, PackSpecs specs, IReadOnlyList<Dimension> dimensions)
    {
        var segments = SegmentJudge.Judge(answers, model, specs.Output, dimensions);
        return score with { Segments = segments, Gaps = SegmentJudge.Sentences(segments, specs.Noun) };
    }

    private static List<string> Notes(List<Answered> answers, List<OpenedModel> models, bool hasReference, bool isLabelled)
    {
        var notes = new List<string>();
        var specs = models[0].Place.Specs;
        if (hasReference && isLabelled && FloatCheck.Fault(answers, specs, models[0].Place.Name) is { } fault) notes.Add(fault);
        if (specs.Output.Boxes is null)
        {
            foreach (var (model, i) in models.Select((m, i) => (m, i)))
            {
                var favourite = answers.GroupBy(a => a.Answer(i)).MaxBy(g => g.Count())!;
                if (favourite.Key >= 0 && answers.Select(a => a.Label).Distinct().Count() > 1 && favourite.Count() >= CollapsedShare * answers.Count)
                    notes.Add($"{model.Place.Name} has collapsed: it answers {specs.Output.Labels[favourite.Key]} for {favourite.Count()} of {answers.Count} {specs.Noun}.");
            }
        }

        if (!hasReference) notes.Add("No float model is among the files, so there is no agreement. Name one by --reference.");
        if (!isLabelled) notes.Add("Nobody has said what is right on all of this data: only agreement, size and times were measured.");
        if (specs.Output.Boxes is null && isLabelled && answers.Select(a => a.Label).Distinct().Count() < 2) notes.Add("The data has one class only: a model that always gives the same answer looks perfect on it.");
        return notes;
    }
}
