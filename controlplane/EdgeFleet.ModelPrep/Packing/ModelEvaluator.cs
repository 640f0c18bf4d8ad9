using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>How a model answered a split of labelled data.</summary>
/// <param name="Samples">Samples.</param>
/// <param name="Right">Right answers.</param>
/// <param name="Confusion">Counts by true label, then by answer.</param>
/// <param name="Unreadable">Files that could not be read, with the reason.</param>
public sealed record Evaluation(int Samples, int Right, IReadOnlyList<IReadOnlyList<int>> Confusion, IReadOnlyList<string> Unreadable)
{
    /// <summary>Share of right answers.</summary>
    public double Accuracy => Samples == 0 ? 0 : (double)Right / Samples;

    /// <summary>Share of right answers by true label; 0 where the split has none of it.</summary>
    public IReadOnlyList<double> Recall => [.. Confusion.Select((row, label) => row.Sum() is > 0 and var all ? (double)row[label] / all : 0)];
}

/// <summary>Measures a model on labelled data, prepared and optimized as on a board.</summary>
public static class ModelEvaluator
{
    /// <summary>Evaluates an ONNX file on one split.</summary>
    /// <exception cref="PackException">The split is empty, too many files are unreadable, or the model fails.</exception>
    /// <exception cref="ModelLoadException">ONNX Runtime refuses the file, or it does not fit.</exception>
    public static Evaluation Evaluate(string onnx, LabelledData data, string split, InputSpec input, OutputSpec output, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(output);
        var files = data.Of(split);
        if (files.Count == 0) throw new PackException($"{data.Name} has no split '{split}'.");

        using var model = ModelSession.Load(onnx, input, output);
        var reader = new SplitReader(ISampleReader.For(input));
        var confusion = output.Labels.Select(_ => new int[output.Labels.Count]).ToArray();
        var (samples, right) = (0, 0);
        foreach (var answered in new ModelRunner([model], [onnx], input, output).Ask(reader.Read(files, cancel)))
        {
            samples++;
            var answer = answered.Answer(0);
            if (answer == answered.Label) right++;
            if (answer >= 0) confusion[answered.Label][answer]++;
        }

        return new Evaluation(samples, right, confusion, [.. reader.Unreadable]);
    }
}
