using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Makes a float model ready: its nodes in order, opset 13, constants as initializers, no Identity, batch norms folded into their convolutions. Done here and
/// not by ONNX Runtime's optimizer, which splits HardSwish and whose output differs by version.
/// </summary>
internal static class FloatModel
{
    private static readonly HashSet<string> Integer =
        ["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QLinearConv", "QLinearMatMul", "QLinearAdd", "ConvInteger", "MatMulInteger", "QGemm"];

    /// <summary>Whether a model has integers in it already, as one that was trained for int8 (QAT) has.</summary>
    public static bool IsQuantized(ModelProto model) => model.Graph.Node.Any(n => Integer.Contains(n.OpType));

    /// <summary>Refuses what cannot be quantized, before ONNX Runtime does, whose words would not say what to do.</summary>
    /// <param name="model">The model, as a stranger may have made it.</param>
    /// <param name="name">Its file, for sentences.</param>
    /// <exception cref="OnnxFileException">Weights or nodes are missing, or the opset is too old.</exception>
    /// <exception cref="QuantizationException">It is int8 already, or has operators of strangers.</exception>
    public static void Check(ModelProto model, string name)
    {
        if (IsQuantized(model))
            throw new QuantizationException($"{name} is quantized already (it has QuantizeLinear nodes, as quantization-aware training leaves them). It is left as it is: give it to 'edgefleet model pack' with its float model, or compare it by --beside.");
        if (RefusalWords.Strange(model, name) is { } strange)
            throw new QuantizationException(strange);
        GraphOrder.Sort(model.Graph.Clone(), name);
    }

    /// <summary>A ready copy of a model that ONNX Runtime loads.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">Its file, for sentences.</param>
    /// <exception cref="OnnxFileException">The opset is too old.</exception>
    /// <exception cref="QuantizationException">As <see cref="Check"/> says.</exception>
    public static ModelProto Prepare(ModelProto model, string name)
    {
        Check(model, name);
        var ready = model.Clone();
        GraphOrder.Sort(ready.Graph, name);
        ready = OpsetUpgrade.Apply(ready, name);
        LiftConstants(ready.Graph);
        DropIdentities(ready.Graph);
        NormFolding.Apply(ready.Graph);
        DropUnread(ready.Graph);
        return ready;
    }

    private static void LiftConstants(GraphProto graph)
    {
        foreach (var node in graph.Node.Where(n => n.OpType == "Constant" && n.Attribute is [{ Name: "value", T: not null }]).ToList())
        {
            var value = node.Attribute[0].T.Clone();
            value.Name = node.Output[0];
            if (graph.Output.Any(o => o.Name == value.Name)) continue;
            graph.Initializer.Add(value);
            graph.Node.Remove(node);
        }
    }

    private static void DropIdentities(GraphProto graph)
    {
        var outputs = graph.Output.Select(o => o.Name).ToHashSet();
        var bodies = graph.Node.SelectMany(GraphWalk.Bodies).Any();
        foreach (var node in graph.Node.Where(n => n.OpType == "Identity" && !outputs.Contains(n.Output[0])).ToList())
        {
            // A body reads by name; where there is one, names stay.
            if (bodies) return;
            foreach (var reader in graph.Node)
                for (var i = 0; i < reader.Input.Count; i++)
                    if (reader.Input[i] == node.Output[0]) reader.Input[i] = node.Input[0];
            graph.Node.Remove(node);
        }
    }

    private static void DropUnread(GraphProto graph)
    {
        var read = graph.Node.SelectMany(GraphWalk.Reads).Concat(graph.Output.Select(o => o.Name)).ToHashSet();
        foreach (var unread in graph.Initializer.Where(t => !read.Contains(t.Name)).ToList())
        {
            graph.Initializer.Remove(unread);
            if (graph.Input.FirstOrDefault(i => i.Name == unread.Name) is { } listed) graph.Input.Remove(listed);
        }
    }
}
