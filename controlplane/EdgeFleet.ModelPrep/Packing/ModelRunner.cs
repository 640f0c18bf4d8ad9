using EdgeFleet.Shared.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>One sample's label and the raw outputs of each model that was asked.</summary>
internal sealed record Answered(LabelledFile File, int Window, float[][] Outputs)
{
    /// <summary>True label.</summary>
    public int Label => File.Label;

    /// <summary>The answer of a model: index of its largest output, -1 when an output is not a number.</summary>
    public int Answer(int model) => AnswerOf(Outputs[model]);

    /// <summary>Index of the largest value, the first of equals; -1 when one is not a number.</summary>
    public static int AnswerOf(ReadOnlySpan<float> outputs)
    {
        var top = 0;
        for (var i = 0; i < outputs.Length; i++)
        {
            if (!float.IsFinite(outputs[i])) return -1;
            if (outputs[i] > outputs[top]) top = i;
        }

        return top;
    }
}

/// <summary>Asks several models the same samples, optimized as on a board; one tensor is in memory at a time.</summary>
internal static class ModelRunner
{
    /// <summary>The answers, sample by sample.</summary>
    /// <exception cref="PackException">A model fails while running; <paramref name="names"/> name them.</exception>
    public static IEnumerable<Answered> Ask(IReadOnlyList<ModelSession> models, IReadOnlyList<string> names, IEnumerable<PreparedSample> samples)
    {
        using var run = new RunOptions();
        foreach (var sample in samples)
        {
            var outputs = new float[models.Count][];
            for (var i = 0; i < models.Count; i++) outputs[i] = Run(models[i], names[i], sample, run);
            yield return new Answered(sample.File, sample.Window, outputs);
        }
    }

    private static float[] Run(ModelSession model, string name, PreparedSample sample, RunOptions run)
    {
        try
        {
            sample.Tensor.CopyTo(model.Input);
            model.Run(run);
            return model.Output.ToArray();
        }
        catch (OnnxRuntimeException failed)
        {
            throw new PackException($"{name} fails on {sample.File.Name}: {failed.Message}", failed);
        }
    }
}
