namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>Puts the nodes of a graph into an order in which they can run. Files in order stay as they are.</summary>
internal static class GraphOrder
{
    /// <summary>Sorts in place.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="name">The file, for sentences.</param>
    /// <exception cref="OnnxFileException">Something is read that nothing makes (as missing weights are), made twice, or made of itself.</exception>
    public static void Sort(GraphProto graph, string name)
    {
        var made = new HashSet<string>(graph.Input.Select(i => i.Name).Concat(graph.Initializer.Select(t => t.Name)));
        var makers = Makers(graph, made, name);
        if (graph.Node.SelectMany(n => GraphWalk.Reads(n).Select(r => (Node: n, Read: r))).FirstOrDefault(r => !made.Contains(r.Read) && !makers.ContainsKey(r.Read)) is { Node: not null } missing)
            throw new OnnxFileException($"{name} has no weights and no node for '{missing.Read}', which {missing.Node.OpType} '{missing.Node.Name}' reads: it is missing. Export the model again.");
        if (graph.Output.FirstOrDefault(o => !made.Contains(o.Name) && !makers.ContainsKey(o.Name)) is { } output)
            throw new OnnxFileException($"{name} hands out '{output.Name}', which nothing makes. Export the model again.");

        var sorted = InOrder(graph, makers);
        if (sorted.Count < graph.Node.Count)
        {
            var left = graph.Node.First(n => !sorted.Exists(s => ReferenceEquals(s, n)));
            throw new OnnxFileException($"{name} has a circle: {left.OpType} '{left.Name}' waits for what is made of its own output.");
        }

        graph.Node.Clear();
        graph.Node.Add(sorted);
    }

    // Kahn's order, the first in the file before others that could run too.
    private static List<NodeProto> InOrder(GraphProto graph, Dictionary<string, NodeProto> makers)
    {
        var place = graph.Node.Select((n, i) => (n, i)).ToDictionary(p => (object)p.n, p => p.i, ReferenceEqualityComparer.Instance);
        var waitsFor = new int[graph.Node.Count];
        var readers = new List<int>[graph.Node.Count];
        for (var i = 0; i < readers.Length; i++) readers[i] = [];
        for (var i = 0; i < readers.Length; i++)
        {
            foreach (var read in GraphWalk.Reads(graph.Node[i]).Where(makers.ContainsKey))
            {
                waitsFor[i]++;
                readers[place[makers[read]]].Add(i);
            }
        }

        var ready = new PriorityQueue<int, int>(Enumerable.Range(0, waitsFor.Length).Where(i => waitsFor[i] == 0).Select(i => (i, i)));
        var sorted = new List<NodeProto>(graph.Node.Count);
        while (ready.TryDequeue(out var next, out _))
        {
            sorted.Add(graph.Node[next]);
            foreach (var reader in readers[next])
                if (--waitsFor[reader] == 0) ready.Enqueue(reader, reader);
        }

        return sorted;
    }

    private static Dictionary<string, NodeProto> Makers(GraphProto graph, HashSet<string> made, string name)
    {
        var makers = new Dictionary<string, NodeProto>();
        foreach (var node in graph.Node)
        {
            foreach (var output in node.Output.Where(o => o.Length > 0))
            {
                if (made.Contains(output) || !makers.TryAdd(output, node))
                    throw new OnnxFileException($"{name} makes '{output}' twice. Export the model again.");
            }
        }

        return makers;
    }
}
