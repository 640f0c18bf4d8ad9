namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>Walks a graph together with the bodies of its loops and branches.</summary>
internal static class GraphWalk
{
    /// <summary>The graph itself and every graph within it.</summary>
    public static IEnumerable<GraphProto> Graphs(GraphProto graph)
    {
        yield return graph;
        foreach (var inner in graph.Node.SelectMany(Bodies).SelectMany(Graphs)) yield return inner;
    }

    /// <summary>The bodies that a node runs.</summary>
    public static IEnumerable<GraphProto> Bodies(NodeProto node) => node.Attribute.SelectMany(a => a.G is null ? a.Graphs : a.Graphs.Prepend(a.G));

    /// <summary>Every constant of the graph and of its bodies, initializers and attributes alike.</summary>
    public static IEnumerable<TensorProto> Tensors(GraphProto graph) => Graphs(graph).SelectMany(g => g.Initializer
        .Concat(g.Node.SelectMany(n => n.Attribute).SelectMany(a => a.T is null ? a.Tensors : a.Tensors.Prepend(a.T))));

    /// <summary>What a node reads: its inputs, and what its bodies take from the graph around them.</summary>
    public static IEnumerable<string> Reads(NodeProto node) =>
        node.Input.Where(i => i.Length > 0).Concat(Bodies(node).SelectMany(FromOutside));

    private static IEnumerable<string> FromOutside(GraphProto body)
    {
        var own = body.Input.Select(i => i.Name).Concat(body.Initializer.Select(t => t.Name)).Concat(body.Node.SelectMany(n => n.Output)).ToHashSet();
        return body.Node.SelectMany(Reads).Concat(body.Output.Select(o => o.Name)).Where(name => !own.Contains(name));
    }
}
