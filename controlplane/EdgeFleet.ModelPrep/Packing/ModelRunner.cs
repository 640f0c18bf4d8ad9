using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Shared.Statistics;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>What one model said of a sample.</summary>
/// <param name="Kept">The answer; null when it was not a number.</param>
/// <param name="Label">The label it comes down to; -1 for a value that is not a number, or no box.</param>
/// <param name="Confidence">How sure of it.</param>
/// <param name="Watched">The value whose distribution is watched.</param>
/// <param name="Entropy">Entropy of a class answer, bits; 0 of others.</param>
/// <param name="Noise">Sum of the squared differences of its raw outputs from the float model's.</param>
internal sealed record ModelAnswer(KeptAnswer? Kept, int Label, float Confidence, double Watched, double Entropy, double Noise);

/// <summary>One sample's label and the answers of each model that was asked; model 0 is the float model.</summary>
/// <param name="File">The file it is from.</param>
/// <param name="Window">Which window of the file.</param>
/// <param name="Answers">Answers by model.</param>
/// <param name="Signal">Sum of the squares of the float model's raw outputs.</param>
internal sealed record Answered(LabelledFile File, int Window, IReadOnlyList<ModelAnswer> Answers, double Signal)
{
    /// <summary>True label.</summary>
    public int Label => File.Label;

    /// <summary>The label that a model's answer comes down to.</summary>
    public int Answer(int model) => Answers[model].Label;
}

/// <summary>Asks several models the same samples, optimized as on a board; one tensor is in memory at a time.</summary>
internal sealed class ModelRunner(IReadOnlyList<ModelSession> models, IReadOnlyList<string> names, InputSpec input, OutputSpec output)
{
    private readonly AnswerReader _reader = AnswerReader.For(input, output);
    private readonly int _outputs = output.Boxes switch { null => 1, { ScoresTensor: null } => 1, _ => 2 };

    /// <summary>The answers, sample by sample.</summary>
    /// <exception cref="PackException">A model fails while running; its name is said.</exception>
    public IEnumerable<Answered> Ask(IEnumerable<PreparedSample> samples)
    {
        using var run = new RunOptions();
        foreach (var sample in samples)
        {
            for (var i = 0; i < models.Count; i++) Run(models[i], names[i], sample, run);
            var signal = Difference(models[0], null);
            yield return new Answered(sample.File, sample.Window, [.. models.Select(AnswerOf)], signal);
        }
    }

    private ModelAnswer AnswerOf(ModelSession model)
    {
        var answer = _reader.Read(model);
        return new ModelAnswer(
            KeptAnswer.Of(answer, model), answer?.Label ?? -1, answer?.Confidence ?? 0, answer?.Watched ?? double.NaN,
            answer is ClassAnswer classes ? Entropy.Bits(classes.Confidences) : 0, Difference(models[0], model));
    }

    private double Difference(ModelSession floatModel, ModelSession? other)
    {
        var sum = 0.0;
        for (var tensor = 0; tensor < _outputs; tensor++)
        {
            var wanted = floatModel.OutputOf(0, tensor);
            var given = other is null ? default : other.OutputOf(0, tensor);
            for (var i = 0; i < wanted.Length; i++)
            {
                double difference = wanted[i] - (other is null ? 0 : given[i]);
                sum += difference * difference;
            }
        }

        return sum;
    }

    private static void Run(ModelSession model, string name, PreparedSample sample, RunOptions run)
    {
        try
        {
            sample.Tensor.CopyTo(model.Input);
            model.Run(run);
        }
        catch (OnnxRuntimeException failed)
        {
            throw new PackException($"{name} fails on {sample.File.Name}: {failed.Message}", failed);
        }
    }
}
