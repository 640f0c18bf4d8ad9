using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>
/// Rewrites a model of opset 7 to 12 as one of opset 13, the first with int8 per channel. Operators whose attributes became inputs, or whose meaning changed, are rewritten;
/// the others mean the same. Source: the operator change log of the ONNX specification.
/// </summary>
internal static class OpsetUpgrade
{
    /// <summary>The opset that comes out.</summary>
    public const long Target = 13;

    private const long OldestMin = 7;

    // The first IR version that knows opset 13.
    private const long IrVersionMin = 7;

    /// <summary>The opset of the standard operators; 0 when the model has none.</summary>
    public static long Of(ModelProto model) => model.OpsetImport.FirstOrDefault(o => o.Domain is "" or "ai.onnx")?.Version ?? 0;

    /// <summary>The model in opset 13; one that is there already, or beyond, comes back as it is.</summary>
    /// <exception cref="OnnxFileException">Opset below 7, or an operator that cannot be said in opset 13; it is named.</exception>
    public static ModelProto Apply(ModelProto model, string name)
    {
        var opset = Of(model);
        if (opset >= Target) return model;
        if (opset < OldestMin) throw new OnnxFileException($"{name} uses opset {opset}; {OldestMin} or later can be read. Export it again with a later opset.");

        var upgraded = model.Clone();
        foreach (var graph in GraphWalk.Graphs(upgraded.Graph).ToList()) Rewrite(graph, opset, new UniqueNames(upgraded.Graph), name);
        upgraded.OpsetImport.First(o => o.Domain is "" or "ai.onnx").Version = Target;
        upgraded.IrVersion = Math.Max(upgraded.IrVersion, IrVersionMin);
        return upgraded;
    }

    private static void Rewrite(GraphProto graph, long opset, UniqueNames names, string file)
    {
        var nodes = graph.Node.ToList();
        graph.Node.Clear();
        var rewrite = new OpsetRewrite(graph, opset, names, file);
        foreach (var node in nodes)
        {
            if (node.Domain is "" or "ai.onnx") rewrite.Add(node);
            else graph.Node.Add(node);
        }
    }
}

/// <summary>Rewrites the nodes of one graph, one after another.</summary>
internal sealed class OpsetRewrite(GraphProto graph, long opset, UniqueNames names, string file)
{
    /// <summary>Adds a node in the words of opset 13.</summary>
    public void Add(NodeProto node)
    {
        switch (node.OpType)
        {
            case "Squeeze" or "Unsqueeze" or "ReduceSum": IntsToInput(node, "axes", 1); break;
            case "Split": IntsToInput(node, "split", 1); break;
            case "Clip" when opset < 11: FloatsToInputs(node, ("min", 1), ("max", 2)); break;
            case "Pad" when opset < 11: Pad(node); break;
            case "Slice" when opset < 10: Slice(node); break;
            case "TopK" when opset < 10: TopK(node); break;
            case "Upsample": Upsample(node); break;
            case "Resize" when opset < 11: Resize(node); break;
            case "Dropout" when opset < 12: Dropout(node); break;
            case "BatchNormalization": BatchNormalization(node); break;
            case "Scatter": node.OpType = "ScatterElements"; break;
            case "Softmax" or "LogSoftmax" or "Hardmax": Flattened(node); return;
        }

        graph.Node.Add(node);
    }

    private void IntsToInput(NodeProto node, string attribute, int input)
    {
        if (Attributes.IntsOf(node, attribute) is not { Count: > 0 } values) return;
        SetInput(node, input, Tensors.Longs(names.Take($"{node.Output[0]}_{attribute}"), [.. values], values.Count));
        Attributes.Remove(node, attribute);
    }

    private void FloatsToInputs(NodeProto node, params (string Attribute, int Input)[] moves)
    {
        foreach (var (attribute, input) in moves)
        {
            var value = Attributes.FloatOr(node, attribute, float.NaN);
            if (!float.IsNaN(value)) SetInput(node, input, Tensors.Floats(names.Take($"{node.Output[0]}_{attribute}"), [value]));
            Attributes.Remove(node, attribute);
        }
    }

    private void Pad(NodeProto node)
    {
        IntsToInput(node, "pads", 1);
        FloatsToInputs(node, ("value", 2));
    }

    private void Slice(NodeProto node)
    {
        IntsToInput(node, "starts", 1);
        IntsToInput(node, "ends", 2);
        IntsToInput(node, "axes", 3);
    }

    private void TopK(NodeProto node)
    {
        SetInput(node, 1, Tensors.Longs(names.Take($"{node.Output[0]}_k"), [Attributes.IntOr(node, "k", 1)], 1));
        Attributes.Remove(node, "k");
    }

    // Upsample and the first Resize look at pixels from their corner and take the one below.
    private void Upsample(NodeProto node)
    {
        node.OpType = "Resize";
        if (node.Attribute.FirstOrDefault(a => a.Name == "scales") is { } scales)
        {
            SetInput(node, 1, Tensors.Floats(names.Take($"{node.Output[0]}_scales"), [.. scales.Floats], scales.Floats.Count));
            Attributes.Remove(node, "scales");
        }

        Resize(node);
    }

    private static void Resize(NodeProto node)
    {
        node.Input.Insert(1, "");
        node.Attribute.Add(Attributes.Of("coordinate_transformation_mode", "asymmetric"));
        if (Attributes.TextOr(node, "mode", "nearest") == "nearest") node.Attribute.Add(Attributes.Of("nearest_mode", "floor"));
    }

    private void Dropout(NodeProto node)
    {
        if (node.Output.Count > 1 && node.Output[1].Length > 0) throw Unsayable(node, "hands out its mask");
        node.OpType = "Identity";
        node.Attribute.Clear();
        while (node.Output.Count > 1) node.Output.RemoveAt(1);
    }

    private void BatchNormalization(NodeProto node)
    {
        if (node.Output.Count > 1) throw Unsayable(node, "is in training mode");
        if (Attributes.IntOr(node, "spatial", 1) == 0) throw Unsayable(node, "is not spatial");
        Attributes.Remove(node, "spatial");
    }

    // Until opset 12 everything from the axis on was one row; since 13 only the axis itself is.
    private void Flattened(NodeProto node)
    {
        var axis = Attributes.IntOr(node, "axis", 1);
        var (input, output) = (node.Input[0], node.Output[0]);
        string shape = names.Take($"{output}_shape"), flat = names.Take($"{output}_flat"), rows = names.Take($"{output}_rows");
        Attributes.Remove(node, "axis");
        node.Attribute.Add(Attributes.Of("axis", -1L));
        node.Input[0] = flat;
        node.Output[0] = rows;
        graph.Node.Add(GraphBuilder.NewNode("Shape", [input], shape));
        graph.Node.Add(GraphBuilder.NewNode("Flatten", [input], flat, Attributes.Of("axis", axis)));
        graph.Node.Add(node);
        graph.Node.Add(GraphBuilder.NewNode("Reshape", [rows, shape], output));
    }

    private void SetInput(NodeProto node, int index, TensorProto constant)
    {
        while (node.Input.Count <= index) node.Input.Add("");
        node.Input[index] = constant.Name;
        graph.Initializer.Add(constant);
    }

    private OnnxFileException Unsayable(NodeProto node, string why) =>
        new($"{file} has {node.OpType} '{node.Name}', which {why}; that cannot be said in opset {OpsetUpgrade.Target}. Export the model for inference, with opset {OpsetUpgrade.Target} or later.");
}
