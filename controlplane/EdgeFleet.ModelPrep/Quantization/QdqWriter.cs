using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Rewrites one float graph as its plan says: Q and DQ around every int8 tensor; the weights are <see cref="QdqWeights"/>'s.</summary>
internal sealed class QdqWriter
{
    private readonly List<NodeProto> _nodes = [];
    private readonly List<TensorProto> _constants = [];
    private readonly HashSet<string> _madeByInt8 = [];
    private readonly Dictionary<string, NodeProto> _written = [];
    private readonly Dictionary<string, string> _dequantized = [];
    private readonly Dictionary<string, (string Scale, string ZeroPoint)> _parameters = [];
    private readonly GraphProto _graph;
    private readonly QdqPlan _plan;
    private readonly ActivationRanges _ranges;
    private readonly QdqChoices _choices;
    private readonly UniqueNames _names;
    private readonly QdqWeights _weights;

    /// <summary>A writer for one graph.</summary>
    public QdqWriter(GraphProto graph, QdqPlan plan, ActivationRanges ranges, QdqChoices choices)
    {
        (_graph, _plan, _ranges, _choices, _names) = (graph, plan, ranges, choices, new UniqueNames(graph));
        _weights = new QdqWeights(_nodes, _constants, _names, choices);
    }

    /// <summary>The int8 graph.</summary>
    public GraphProto Write()
    {
        foreach (var node in _graph.Node)
        {
            if (_plan.IsAbsorbed(node)) continue;
            if (_plan.Runs(node)) WriteInt8(node);
            else WriteFloat(node);
        }

        var result = _graph.Clone();
        result.Node.Clear();
        result.Node.Add(_nodes);
        var used = _nodes.SelectMany(GraphWalk.Reads).Concat(result.Output.Select(o => o.Name)).ToHashSet();
        var kept = result.Initializer.Where(t => used.Contains(t.Name)).ToList();
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

    /// <summary>The int8 node that stands for a float one; known after <see cref="Write"/>.</summary>
    public NodeProto Written(NodeProto node) => _written[node.Output[0]];

    // A body reads outer tensors by name, and gets them as they stand before their rounding.
    private void WriteFloat(NodeProto node)
    {
        var copy = node.Clone();
        for (var i = 0; i < copy.Input.Count; i++)
            if (_madeByInt8.Contains(copy.Input[i]) && !_plan.Index.IsOutput(copy.Input[i])) copy.Input[i] = Dequantized(copy.Input[i]);
        _nodes.Add(copy);
    }

    private void WriteInt8(NodeProto node)
    {
        var copy = node.Clone();
        for (var i = 0; i < copy.Input.Count; i++)
            if (_plan.Tensors.Contains(copy.Input[i])) copy.Input[i] = ReadInt8(copy.Input[i]);
        if (QdqPlan.HasWeights(node)) WriteWeights(node, copy);

        var output = _plan.OutputOf(node);
        var raw = _plan.Index.IsOutput(output) ? _names.Take($"{output}_raw") : output;
        _nodes.Add(copy);
        _written[node.Output[0]] = copy;
        if (_choices.Target == QuantizationTarget.TensorRt && _plan.AbsorbedBy(node) is { } activation)
        {
            var kept = activation.Clone();
            kept.Output[0] = raw;
            _nodes.Add(kept);
        }
        else
        {
            copy.Output[0] = raw;
        }

        _madeByInt8.Add(output);
        WritePair(output, raw);
    }

    private string ReadInt8(string tensor)
    {
        WritePair(tensor, tensor);
        return Dequantized(tensor);
    }

    private string Dequantized(string tensor)
    {
        if (_dequantized.TryGetValue(tensor, out var known)) return known;
        return _dequantized[tensor] = _madeByInt8.Contains(tensor) && _plan.Index.IsOutput(tensor) ? tensor : _names.Take($"{tensor}_dequantized");
    }

    private void WritePair(string tensor, string source)
    {
        if (_dequantized.ContainsKey(tensor)) return;
        var (scale, zeroPoint) = Parameters(_plan.ScaleSource(tensor));
        var quantized = _names.Take($"{tensor}_quantized");
        _nodes.Add(GraphBuilder.NewNode("QuantizeLinear", [source, scale, zeroPoint], quantized));
        _nodes.Add(GraphBuilder.NewNode("DequantizeLinear", [quantized, scale, zeroPoint], Dequantized(tensor)));
    }

    private (string Scale, string ZeroPoint) Parameters(string tensor)
    {
        if (_parameters.TryGetValue(tensor, out var known)) return known;
        var parameters = Of(tensor);
        var written = (Scale: _names.Take($"{tensor}_scale"), ZeroPoint: _names.Take($"{tensor}_zero_point"));
        _constants.Add(Tensors.Floats(written.Scale, [parameters.Scale]));
        _constants.Add(_choices.Target == QuantizationTarget.Cpu
            ? Tensors.UnsignedBytes(written.ZeroPoint, [(byte)parameters.ZeroPoint])
            : Tensors.SignedBytes(written.ZeroPoint, [(sbyte)parameters.ZeroPoint]));
        return _parameters[tensor] = written;
    }

    private QuantizationParameters Of(string tensor)
    {
        _ranges.TryGet(tensor, out var range);
        return QuantizationParameters.ForActivation(range, _choices.Target);
    }

    private void WriteWeights(NodeProto node, NodeProto copy)
    {
        var weights = _plan.Index.Constant(node.Input[1])!;
        var bias = node.Input.Count > 2 && node.Input[2].Length > 0 ? _plan.Index.Constant(node.Input[2]) : null;
        _weights.Write(node, copy, weights, bias, Of(_plan.ScaleSource(node.Input[0])).Scale);
    }
}
