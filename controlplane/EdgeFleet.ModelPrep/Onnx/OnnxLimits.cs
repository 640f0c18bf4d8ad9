using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>Limits on what a model may hold, and that its weights are there. Models come from strangers: everything has an end.</summary>
internal static class OnnxLimits
{
    // Ten times what the largest published classifiers and detectors hold.
    private const int NodesMax = 100_000;
    private const int TensorsMax = 100_000;
    private const int DimsMax = 16;
    private const int NameLengthMax = 4096;
    private const int EndsMax = 10_000;
    private const long ElementsMax = int.MaxValue;

    /// <summary>What is wrong with a model, in a sentence; null when nothing is.</summary>
    public static string? Fault(ModelProto model)
    {
        var graphs = GraphWalk.Graphs(model.Graph).ToList();
        var nodes = graphs.Sum(g => (long)g.Node.Count);
        if (nodes > NodesMax) return $"holds {nodes:N0} nodes; at most {NodesMax:N0} are read";
        var tensors = graphs.Sum(g => (long)g.Initializer.Count);
        if (tensors > TensorsMax) return $"holds {tensors:N0} constants; at most {TensorsMax:N0} are read";
        if (graphs.FirstOrDefault(g => g.Input.Count > EndsMax || g.Output.Count > EndsMax) is { } wide)
            return $"has {wide.Input.Count:N0} inputs and {wide.Output.Count:N0} outputs in one graph; at most {EndsMax:N0} are read";
        if (graphs.SelectMany(g => g.Node).FirstOrDefault(n => n.Input.Count > EndsMax || n.Output.Count > EndsMax || n.Attribute.Count > EndsMax) is { } crowded)
            return $"has a node '{Short(crowded.Name)}' with more than {EndsMax:N0} inputs, outputs or attributes";
        if (graphs.SelectMany(NamesOf).FirstOrDefault(n => n.Length > NameLengthMax) is { } name)
            return $"has a name of {name.Length:N0} characters ('{Short(name)}'); at most {NameLengthMax:N0} are read";
        return GraphWalk.Tensors(model.Graph).Select(FaultOf).FirstOrDefault(f => f is not null);
    }

    private static IEnumerable<string> NamesOf(GraphProto graph) => graph.Initializer.Select(t => t.Name)
        .Concat(graph.Node.SelectMany(n => n.Input.Concat(n.Output).Append(n.Name).Append(n.OpType)))
        .Concat(graph.Input.Concat(graph.Output).Select(v => v.Name));

    private static string? FaultOf(TensorProto tensor)
    {
        var name = Short(tensor.Name);
        if (tensor.Dims.Count > DimsMax) return $"has a constant '{name}' of {tensor.Dims.Count} dimensions; at most {DimsMax} are read";
        long count = 1;
        foreach (var dim in tensor.Dims)
        {
            if (dim < 0) return $"has a constant '{name}' with a negative dimension";
            if (dim > 0 && count > ElementsMax / dim) return $"has a constant '{name}' of more than {ElementsMax:N0} values";
            count *= dim;
        }

        if (tensor.DataLocation == DataLocation.External || tensor.Segment is not null) return null;
        var held = Held(tensor);
        return held is null || held == count ? null
            : held == 0 ? $"has no data for the weights '{name}' of shape [{string.Join(", ", tensor.Dims)}]: they are missing"
            : $"has {held:N0} values for '{name}' where its shape [{string.Join(", ", tensor.Dims)}] asks for {count:N0}";
    }

    // Values that the data holds; null for kinds that are not read here.
    private static long? Held(TensorProto tensor) => (DataType)tensor.DataType switch
    {
        _ when tensor.HasRawData => Tensors.BytesOf((DataType)tensor.DataType) is { } size ? (tensor.RawData.Length % size == 0 ? tensor.RawData.Length / size : -1) : null,
        DataType.Float => tensor.FloatData.Count,
        DataType.Int32 or DataType.Int16 or DataType.Uint16 or DataType.Int8 or DataType.Uint8 or DataType.Bool or DataType.Float16 or DataType.Bfloat16 => tensor.Int32Data.Count,
        DataType.Int64 => tensor.Int64Data.Count,
        DataType.Double => tensor.DoubleData.Count,
        DataType.Uint32 or DataType.Uint64 => tensor.Uint64Data.Count,
        DataType.String => tensor.StringData.Count,
        _ => null,
    };

    private static string Short(string name) => name.Length <= 80 ? name : name[..80] + "...";
}
