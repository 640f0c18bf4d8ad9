using EdgeFleet.ModelPrep.Onnx;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>A convolution, what its channels pass through each by itself, and the layer that reads them: what a channel is cut out of.</summary>
/// <param name="Layer">The convolution whose output channels these are.</param>
/// <param name="Depthwise">Depthwise convolutions on the way.</param>
/// <param name="Reader">The layer that reads them.</param>
/// <param name="Read">The tensor with a channel on axis 1 whose values the reader's weights meet.</param>
internal sealed record ChannelChain(NodeProto Layer, IReadOnlyList<NodeProto> Depthwise, NodeProto Reader, string Read)
{
    private static readonly HashSet<string> Passed =
        ["Relu", "Clip", "LeakyRelu", "HardSwish", "HardSigmoid", "Sigmoid", "Tanh", "Elu", "Softplus", "MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"];

    /// <summary>Whether the reader sees zeros beyond the border, so that a channel's own value is not all that it adds.</summary>
    public bool PadsReader => Reader.OpType == "Conv" && ((Attributes.IntsOf(Reader, "pads") ?? []).Any(p => p != 0) || Attributes.TextOr(Reader, "auto_pad", "NOTSET").StartsWith("SAME", StringComparison.Ordinal));

    /// <summary>The chain that begins with a node; null where there is none.</summary>
    public static ChannelChain? From(NodeProto node, GraphIndex index)
    {
        if (node.OpType != "Conv" || Attributes.IntOr(node, "group", 1) != 1 || !HasConstants(node, index)) return null;
        var channels = index.Constant(node.Input[1])!.Dims[0];
        var depthwise = new List<NodeProto>();
        var (tensor, isPooled) = (node.Output[0], false);
        while (index.OnlyConsumer(tensor) is { } next && next.Input[0] == tensor)
        {
            if (next.OpType == "Conv" && HasConstants(next, index) && IsDepthwise(next, index, channels)) depthwise.Add(next);
            else if (next.OpType == "Conv" && HasConstants(next, index) && Attributes.IntOr(next, "group", 1) == 1) return new ChannelChain(node, depthwise, next, tensor);
            else if (next.OpType == "Flatten" && isPooled && index.OnlyConsumer(next.Output[0]) is { OpType: "Gemm" } gemm && HasConstants(gemm, index) && IsOneRow(gemm, index, channels))
                return new ChannelChain(node, depthwise, gemm, tensor);
            else if (!Passed.Contains(next.OpType)) return null;
            isPooled |= next.OpType is "GlobalAveragePool" or "GlobalMaxPool";
            tensor = next.Output[0];
        }

        return null;
    }

    /// <summary>Cuts channels out.</summary>
    /// <param name="graph">The graph; its nodes read new constants afterwards.</param>
    /// <param name="names">Names for them.</param>
    /// <param name="dead">Channels with the value that each always has where the reader meets it.</param>
    public void Cut(GraphProto graph, UniqueNames names, SortedDictionary<int, float> dead)
    {
        var index = new GraphIndex(graph);
        Absorb(graph, names, index, dead);
        index = new GraphIndex(graph);
        foreach (var node in Depthwise.Prepend(Layer))
        {
            for (var input = 1; input < node.Input.Count; input++)
                if (index.Constant(node.Input[input]) is { } constant) node.Input[input] = Without(graph, names, constant, axis: 0, dead);
        }

        foreach (var group in Depthwise.SelectMany(d => d.Attribute).Where(a => a.Name == "group")) group.I -= dead.Count;
        Reader.Input[1] = Without(graph, names, index.Constant(Reader.Input[1])!, AxisOfInputs, dead);
    }

    private int AxisOfInputs => Reader.OpType == "Conv" || Attributes.IntOr(Reader, "transB", 0) == 1 ? 1 : 0;

    // What a channel with one value adds to every output is a bias.
    private void Absorb(GraphProto graph, UniqueNames names, GraphIndex index, SortedDictionary<int, float> dead)
    {
        var weights = index.Constant(Reader.Input[1])!;
        var values = Tensors.ToFloats(weights);
        var (outputs, inputs) = ((int)weights.Dims[1 - AxisOfInputs], (int)weights.Dims[AxisOfInputs]);
        var inner = values.Length / (outputs * inputs);
        var bias = Reader.Input.Count > 2 && Reader.Input[2].Length > 0 ? Tensors.ToFloats(index.Constant(Reader.Input[2])!) : new float[outputs];
        foreach (var (channel, value) in dead)
        {
            for (var output = 0; output < outputs; output++)
            {
                var from = AxisOfInputs == 1 ? ((output * inputs) + channel) * inner : (channel * outputs) + output;
                for (var i = 0; i < inner; i++) bias[output] += values[from + i] * value;
            }
        }

        var absorbed = Tensors.Floats(names.Take($"{Reader.Output[0]}_absorbed_bias"), bias, outputs);
        graph.Initializer.Add(absorbed);
        while (Reader.Input.Count < 3) Reader.Input.Add("");
        Reader.Input[2] = absorbed.Name;
    }

    private static string Without(GraphProto graph, UniqueNames names, TensorProto tensor, int axis, SortedDictionary<int, float> dead)
    {
        var values = Tensors.ToFloats(tensor);
        var inner = (int)tensor.Dims.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        var length = (int)tensor.Dims[axis];
        float[] kept = [.. values.Where((_, i) => !dead.ContainsKey(i / inner % length))];
        long[] dims = [.. tensor.Dims.Select((d, i) => i == axis ? d - dead.Count : d)];
        var slim = Tensors.Floats(names.Take($"{tensor.Name}_slim"), kept, dims);
        graph.Initializer.Add(slim);
        return slim.Name;
    }

    private static bool HasConstants(NodeProto node, GraphIndex index) =>
        node.Input.Skip(1).Where(i => i.Length > 0).All(i => index.Constant(i) is { DataType: (int)DataType.Float });

    private static bool IsDepthwise(NodeProto node, GraphIndex index, long channels) =>
        index.Constant(node.Input[1])!.Dims is var dims && dims[0] == channels && dims[1] == 1 && Attributes.IntOr(node, "group", 1) == channels;

    private static bool IsOneRow(NodeProto gemm, GraphIndex index, long channels) =>
        Attributes.FloatOr(gemm, "alpha", 1) == 1 && Attributes.FloatOr(gemm, "beta", 1) == 1 && Attributes.IntOr(gemm, "transA", 0) == 0
        && index.Constant(gemm.Input[1])!.Dims is var dims && dims[Attributes.IntOr(gemm, "transB", 0) == 1 ? 1 : 0] == channels
        && (gemm.Input.Count < 3 || gemm.Input[2].Length == 0 || index.Constant(gemm.Input[2])!.Dims.Count == 1);
}
