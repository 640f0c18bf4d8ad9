using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.Benchmarks.Quantize;

/// <summary>
/// The same function, hard for int8: the first activation is multiplied channel by channel, from 1 to 1,000, and the weights behind it take that back. Its range runs to
/// thousands, and the channels of those weights differ a thousandfold.
/// </summary>
internal static class HardModel
{
    /// <summary>The tensor that eight bits cannot hold.</summary>
    public const string Tensor = "wild";

    private const double Widest = 1000;

    /// <summary>Spoils a copy.</summary>
    public static ModelProto Of(ModelProto model)
    {
        var hard = model.Clone();
        var graph = hard.Graph;
        var index = new GraphIndex(graph);
        var stem = graph.Node.First(n => n.OpType == "Conv");
        var activation = index.OnlyConsumer(stem.Output[0])!;
        var reader = index.OnlyConsumer(activation.Output[0])!;
        var weights = index.Constant(reader.Input[1])!;
        var channels = (int)index.Constant(stem.Input[1])!.Dims[0];
        float[] factors = [.. Enumerable.Range(0, channels).Select(c => (float)Math.Pow(Widest, (double)c / (channels - 1)))];

        graph.Initializer.Add(Tensors.Floats("wild_factors", factors, 1, channels, 1, 1));
        graph.Node.Insert(graph.Node.IndexOf(activation) + 1, GraphBuilder.NewNode("Mul", [activation.Output[0], "wild_factors"], Tensor));
        for (var i = 0; i < reader.Input.Count; i++)
            if (reader.Input[i] == activation.Output[0]) reader.Input[i] = Tensor;

        // The reader is a depthwise convolution: its first axis is the channel.
        var values = Tensors.ToFloats(weights);
        var inner = values.Length / channels;
        for (var i = 0; i < values.Length; i++) values[i] /= factors[i / inner];
        weights.RawData = Tensors.Floats("w", values, [.. weights.Dims]).RawData;
        return hard;
    }
}
