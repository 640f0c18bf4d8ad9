using EdgeFleet.ModelPrep.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Empirical bias correction (Nagel et al., arXiv 1906.04721): rounding shifts the mean of a layer's outputs, and the shift is taken out of its bias, channel by channel. Layer
/// after layer, since each changes what the next one reads; all at once diverges.
/// </summary>
internal static class BiasCorrector
{
    private const int SamplesMax = 64;
    private const int SamplesMin = 8;

    // What is alive between two layers is in memory for all samples.
    private const long BytesMax = 48L * 1024 * 1024;

    /// <summary>What to add to the biases, by the float output of the layer.</summary>
    /// <param name="scope">Every layer, or the last alone.</param>
    /// <param name="model">The float model.</param>
    /// <param name="ranges">Ranges of the int8 form.</param>
    /// <param name="choices">Choices of the int8 form, without shifts.</param>
    /// <param name="feed">Inputs of a run.</param>
    /// <param name="samples">Samples; 64 of them at most are used, spread over all, fewer where activations are large.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="QuantizationException">A step does not run.</exception>
    public static IReadOnlyDictionary<string, float[]> Run(
        BiasScope scope, ModelProto model, ActivationRanges ranges, QdqChoices choices, SampleFeed feed, SampleSpool samples, CancellationToken cancel)
    {
        var plan = new QdqPlan(model.Graph, choices);
        var layers = plan.Layers.Where(n => n.OpType is "Conv" or "Gemm").ToList();
        if (scope == BiasScope.Head) layers = [.. layers.TakeLast(1)];
        var (wanted, count) = FloatMeans(model, layers, feed, samples, cancel);

        var int8 = new ModelProto(model);
        var writer = new QdqWriter(model.Graph, plan, ranges, choices);
        int8.Graph = writer.Write();
        var walk = new LayerWalk(int8, feed);
        var shifts = new Dictionary<string, float[]>();
        try
        {
            for (var i = 0; i < layers.Count; i++)
            {
                cancel.ThrowIfCancellationRequested();
                var written = writer.Written(layers[i]);
                var shift = wanted[i].Beyond(walk.StepTo(written, samples.Read(count)));
                shifts[layers[i].Output[0]] = shift;
                var bias = layers[i].Input.Count > 2 && plan.Index.Constant(layers[i].Input[2]) is { } own ? Tensors.ToFloats(own) : new float[shift.Length];
                walk.SetBias(written, [.. bias.Zip(shift, (b, s) => b + s)]);
            }
        }
        catch (OnnxRuntimeException failed)
        {
            throw new QuantizationException($"ONNX Runtime cannot run the int8 model layer by layer: {failed.Message}", failed);
        }

        return shifts;
    }

    private static (ChannelMeans[] Means, int Count) FloatMeans(ModelProto model, List<NodeProto> layers, SampleFeed feed, SampleSpool samples, CancellationToken cancel)
    {
        using var watch = new TensorWatch(model, layers.Select(l => l.Output[0]).Distinct(), feed);
        var largest = 1L;
        foreach (var sample in samples.Read(1)) watch.Run(sample.Tensor, (_, _, values) => largest = Math.Max(largest, values.Length));
        // Two tensors of the largest size are alive where branches meet.
        var count = (int)Math.Min(Math.Min(SamplesMax, samples.Count), Math.Max(SamplesMin, BytesMax / (2 * largest)));

        var means = layers.ConvertAll(_ => new ChannelMeans()).ToArray();
        foreach (var sample in samples.Read(count))
        {
            cancel.ThrowIfCancellationRequested();
            watch.Run(sample.Tensor, (i, shape, values) => means[i].Add(shape, values));
        }

        return (means, count);
    }
}

/// <summary>Which biases are corrected.</summary>
public enum BiasScope
{
    /// <summary>None.</summary>
    None,

    /// <summary>That of the last layer: takes out what all rounding together shifts the outputs by, and adds nothing on the way.</summary>
    Head,

    /// <summary>Those of all layers.</summary>
    All,

    /// <summary>Those of all layers by half of what is measured: between trusting a few dozen samples and not.</summary>
    Half,
}
