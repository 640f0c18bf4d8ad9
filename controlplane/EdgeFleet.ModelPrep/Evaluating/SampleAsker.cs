using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>One sample: the models' answers, and what its segments are told by.</summary>
/// <param name="Answered">The answers, by model.</param>
/// <param name="Features">Image features; of a series nothing.</param>
internal sealed record AskedSample(Answered Answered, IReadOnlyList<double> Features);

/// <summary>Asks models the same files, each prepared as that model wants it. One sample is in memory at a time.</summary>
internal sealed class SampleAsker(IReadOnlyList<OpenedModel> models, SplitReader reader)
{
    private readonly Dictionary<string, ISampleReader> _others = models.Skip(1).Where(m => m.Preparation != models[0].Preparation)
        .DistinctBy(m => m.Preparation).ToDictionary(m => m.Preparation, m => ISampleReader.For(m.Place.Specs.Input));

    /// <summary>The first sample's tensors, by model; null before the first.</summary>
    public IReadOnlyList<float[]>? FirstTensors { get; private set; }

    /// <summary>The answers, sample by sample.</summary>
    /// <param name="files">Files of a split.</param>
    /// <param name="onFile">Called for each file.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="PackException">A model fails while running; its name is said.</exception>
    public IEnumerable<AskedSample> Ask(IReadOnlyList<LabelledFile> files, Action<LabelledFile> onFile, CancellationToken cancel)
    {
        using var run = new RunOptions();
        var last = (LabelledFile?)null;
        foreach (var sample in reader.Read(files, cancel))
        {
            if (last != sample.File) onFile(last = sample.File);
            var tensors = TensorsOf(sample);
            FirstTensors ??= tensors;
            var answers = models.Select((m, i) => Run(m, tensors[i], sample, run)).ToList();
            yield return new AskedSample(new Answered(sample.File, sample.Window, answers, 0), models[0].Place.Specs.Input.Kind == "image" ? sample.Features : []);
        }
    }

    private List<float[]> TensorsOf(PreparedSample sample)
    {
        var made = _others.ToDictionary(o => o.Key, o => Same(o.Value, sample));
        return [.. models.Select(m => made.GetValueOrDefault(m.Preparation) ?? sample.Tensor)];
    }

    private static float[] Same(ISampleReader other, PreparedSample sample) => other.Read(sample.File).FirstOrDefault(s => s.Window == sample.Window)?.Tensor
        ?? throw new PackException($"The models cut {sample.File.Name} into windows of different length. Evaluate them apart.");

    private static ModelAnswer Run(OpenedModel model, float[] tensor, PreparedSample sample, RunOptions run)
    {
        try
        {
            tensor.CopyTo(model.Session.Input);
            model.Session.Run(run);
        }
        catch (OnnxRuntimeException failed)
        {
            throw new PackException($"{model.Place.Name} fails on {sample.File.Name}: {failed.Message}", failed);
        }

        var answer = model.Reader.Read(model.Session);
        return new ModelAnswer(KeptAnswer.Of(answer, model.Session), answer?.Label ?? -1, answer?.Confidence ?? 0, answer?.Watched ?? double.NaN, 0, 0);
    }
}
