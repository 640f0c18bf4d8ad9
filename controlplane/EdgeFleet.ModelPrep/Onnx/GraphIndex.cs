namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>Who makes and who reads each tensor of a graph. A snapshot: build it again after an edit.</summary>
public sealed class GraphIndex
{
    private readonly Dictionary<string, NodeProto> _producers = [];
    private readonly Dictionary<string, List<NodeProto>> _consumers = [];
    private readonly Dictionary<string, TensorProto> _constants = [];
    private readonly HashSet<string> _outputs;

    /// <summary>Indexes a graph.</summary>
    public GraphIndex(GraphProto graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        _outputs = [.. graph.Output.Select(o => o.Name)];
        foreach (var tensor in graph.Initializer) _constants[tensor.Name] = tensor;
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output) _producers[output] = node;
            foreach (var input in GraphWalk.Reads(node)) Readers(input).Add(node);
            if (node is { OpType: "Constant", Output.Count: > 0 } && node.Attribute.FirstOrDefault(a => a.Name == "value")?.T is { } value)
                _constants[node.Output[0]] = value;
        }
    }

    /// <summary>The node that makes a tensor; null for graph inputs and constants.</summary>
    public NodeProto? Producer(string tensor) => _producers.GetValueOrDefault(tensor);

    /// <summary>The value of a tensor that never changes; null for the others.</summary>
    public TensorProto? Constant(string tensor) => _constants.GetValueOrDefault(tensor);

    /// <summary>Whether the graph hands this tensor out.</summary>
    public bool IsOutput(string tensor) => _outputs.Contains(tensor);

    /// <summary>The only reader of a tensor; null when there are none, several, or the graph hands it out.</summary>
    public NodeProto? OnlyConsumer(string tensor) => !IsOutput(tensor) && Consumers(tensor) is [var one] ? one : null;

    /// <summary>Every reader of a tensor, in order; one that reads it twice stands twice.</summary>
    public IReadOnlyList<NodeProto> Consumers(string tensor) => _consumers.TryGetValue(tensor, out var readers) ? readers : [];

    private List<NodeProto> Readers(string tensor)
    {
        if (!_consumers.TryGetValue(tensor, out var readers)) _consumers[tensor] = readers = [];
        return readers;
    }
}
