using EdgeFleet.ModelPrep.Onnx;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Rewrites one float graph as its plan says: Q and DQ around every uint8 tensor, DQ behind int8 weights and int32 biases.</summary>
internal sealed class QdqWriter(GraphProto graph, QdqPlan plan, ActivationRanges ranges)
{
    private readonly List<NodeProto> _nodes = [];
    private readonly List<TensorProto> _constants = [];
    private readonly HashSet<string> _written = [];
    private readonly HashSet<string> _madeByInt8 = [];

    /// <summary>The int8 graph.</summary>
    public GraphProto Write()
    {
        foreach (var node in graph.Node)
        {
            if (plan.IsAbsorbed(node)) continue;
            if (plan.Runs(node)) WriteInt8(node);
            else WriteFloat(node);
        }

        var result = graph.Clone();
        result.Node.Clear();
        result.Node.Add(_nodes);
        var used = _nodes.SelectMany(n => n.Input).ToHashSet();
        var kept = result.Initializer.Where(t => used.Contains(t.Name) || HasSubgraph(_nodes)).ToList();
        // Old files list their constants as inputs too; a dropped weight must not become an input that callers have to fill.
        var constants = result.Initializer.Select(t => t.Name).ToHashSet();
        var inputs = result.Input.Where(i => !constants.Contains(i.Name)).ToList();
        result.Input.Clear();
        result.Input.Add(inputs);
        result.Initializer.Clear();
        result.Initializer.Add(kept);
        result.Initializer.Add(_constants);
        result.ValueInfo.Clear();
        return result;
    }

    // A loop body may read any outer constant by name.
    private static bool HasSubgraph(List<NodeProto> nodes) => nodes.Any(n => n.Attribute.Any(a => a.G is not null || a.Graphs.Count > 0));

    private void WriteFloat(NodeProto node)
    {
        var copy = node.Clone();
        for (var i = 0; i < copy.Input.Count; i++)
            if (_madeByInt8.Contains(copy.Input[i]) && !plan.Index.IsOutput(copy.Input[i])) copy.Input[i] = Dequantized(copy.Input[i]);
        _nodes.Add(copy);
    }

    private void WriteInt8(NodeProto node)
    {
        var copy = node.Clone();
        for (var i = 0; i < copy.Input.Count; i++)
            if (plan.Tensors.Contains(copy.Input[i])) copy.Input[i] = ReadInt8(copy.Input[i]);
        if (QdqPlan.HasWeights(node)) WriteWeights(node, copy);

        var output = plan.OutputOf(node);
        copy.Output[0] = plan.Index.IsOutput(output) ? $"{output}_raw" : output;
        _nodes.Add(copy);
        _madeByInt8.Add(output);
        WritePair(output, copy.Output[0]);
    }

    private string ReadInt8(string tensor)
    {
        WritePair(tensor, tensor);
        return Dequantized(tensor);
    }

    private string Dequantized(string tensor) =>
        _madeByInt8.Contains(tensor) && plan.Index.IsOutput(tensor) ? tensor : $"{tensor}_dequantized";

    private void WritePair(string tensor, string source)
    {
        if (!_written.Add(tensor)) return;
        var name = plan.ScaleSource(tensor);
        string scale = $"{name}_scale", zeroPoint = $"{name}_zero_point";
        if (_written.Add(scale))
        {
            ranges.TryGet(name, out var range);
            var parameters = QuantizationParameters.ForActivation(range);
            _constants.Add(Tensors.Floats(scale, [parameters.Scale]));
            _constants.Add(Tensors.UnsignedBytes(zeroPoint, [(byte)parameters.ZeroPoint]));
        }

        _nodes.Add(GraphBuilder.NewNode("QuantizeLinear", [source, scale, zeroPoint], $"{tensor}_quantized"));
        _nodes.Add(GraphBuilder.NewNode("DequantizeLinear", [$"{tensor}_quantized", scale, zeroPoint], Dequantized(tensor)));
    }

    private void WriteWeights(NodeProto node, NodeProto copy)
    {
        var weights = plan.Index.Constant(node.Input[1])!;
        var bias = node.Input.Count > 2 ? plan.Index.Constant(node.Input[2]) : null;
        var axis = node.OpType == "Conv" || (node.OpType == "Gemm" && Attributes.IntOr(node, "transB", 0) == 1) ? 0 : 1;
        ranges.TryGet(plan.ScaleSource(node.Input[0]), out var inputRange);
        var inputScale = QuantizationParameters.ForActivation(inputRange).Scale;
        var quantized = QuantizedWeights.Of(weights, axis, bias, inputScale);

        // Named by the node, not by the weight: two nodes may share a weight and differ in the scale of their input.
        var name = $"{node.Output[0]}_weight";
        long channels = quantized.Scales.Length;
        _constants.Add(Tensors.SignedBytes(name, quantized.Values, [.. weights.Dims]));
        _constants.Add(Tensors.Floats($"{name}_scale", quantized.Scales, channels));
        _constants.Add(Tensors.SignedBytes($"{name}_zero_point", new sbyte[channels], channels));
        copy.Input[1] = Dequantize(name, axis);
        if (quantized.Bias is null) return;

        var biasName = $"{node.Output[0]}_bias";
        _constants.Add(Tensors.Ints(biasName, quantized.Bias, channels));
        _constants.Add(Tensors.Floats($"{biasName}_scale", [.. quantized.Scales.Select(s => inputScale * s)], channels));
        _constants.Add(Tensors.Ints($"{biasName}_zero_point", new int[channels], channels));
        copy.Input[2] = Dequantize(biasName, axis: 0);
    }

    private string Dequantize(string constant, int axis)
    {
        var output = $"{constant}_dequantized";
        _nodes.Add(GraphBuilder.NewNode(
            "DequantizeLinear", [constant, $"{constant}_scale", $"{constant}_zero_point"], output, Attributes.Of("axis", (long)axis)));
        return output;
    }
}
