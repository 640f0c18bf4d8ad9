using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Folds a batch norm into the convolution before it: W' = W * g / sqrt(v + e) and b' = (b - m) * g / sqrt(v + e) + beta, by output channel. A norm that stays between
/// keeps the convolution from fusing.
/// </summary>
internal static class NormFolding
{
    /// <summary>Folds every one that can be, in place.</summary>
    public static void Apply(GraphProto graph)
    {
        var names = new UniqueNames(graph);
        foreach (var norm in graph.Node.Where(n => n.OpType == "BatchNormalization" && n.Domain is "" or "ai.onnx").ToList())
        {
            var index = new GraphIndex(graph);
            if (index.Producer(norm.Input[0]) is { OpType: "Conv" } conv && ReferenceEquals(index.OnlyConsumer(conv.Output[0]), norm) && Fits(index, conv, norm))
                Fold(graph, names, index, conv, norm);
        }
    }

    private static bool Fits(GraphIndex index, NodeProto conv, NodeProto norm) =>
        index.Constant(conv.Input[1]) is { DataType: (int)TensorProto.Types.DataType.Float } && (conv.Input.Count < 3 || index.Constant(conv.Input[2]) is not null)
        && norm.Input.Skip(1).All(i => index.Constant(i) is { DataType: (int)TensorProto.Types.DataType.Float }) && norm.Output.Count(o => o.Length > 0) == 1;

    private static void Fold(GraphProto graph, UniqueNames names, GraphIndex index, NodeProto conv, NodeProto norm)
    {
        var weights = index.Constant(conv.Input[1])!;
        var values = Tensors.ToFloats(weights);
        float[] Of(int input) => Tensors.ToFloats(index.Constant(norm.Input[input])!);
        var (gain, beta, mean, variance) = (Of(1), Of(2), Of(3), Of(4));
        var bias = conv.Input.Count > 2 ? Tensors.ToFloats(index.Constant(conv.Input[2])!) : new float[gain.Length];
        var epsilon = Attributes.FloatOr(norm, "epsilon", 1e-5f);

        var each = values.Length / gain.Length;
        for (var channel = 0; channel < gain.Length; channel++)
        {
            var factor = gain[channel] / Math.Sqrt((double)variance[channel] + epsilon);
            for (var i = channel * each; i < (channel + 1) * each; i++) values[i] = (float)(values[i] * factor);
            bias[channel] = (float)(((bias[channel] - mean[channel]) * factor) + beta[channel]);
        }

        string folded = names.Take($"{norm.Output[0]}_folded_weight"), foldedBias = names.Take($"{norm.Output[0]}_folded_bias");
        graph.Initializer.Add(Tensors.Floats(folded, values, [.. weights.Dims]));
        graph.Initializer.Add(Tensors.Floats(foldedBias, bias, bias.Length));
        conv.Input[1] = folded;
        while (conv.Input.Count < 3) conv.Input.Add("");
        conv.Input[2] = foldedBias;
        conv.Output[0] = norm.Output[0];
        graph.Node.Remove(norm);
    }
}
