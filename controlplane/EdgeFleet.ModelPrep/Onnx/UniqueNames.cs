namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>Names for new tensors that no tensor of the graph has; the name wished for, where it is free.</summary>
internal sealed class UniqueNames
{
    private readonly HashSet<string> _taken;

    /// <summary>Notes the names of a graph and of its bodies.</summary>
    public UniqueNames(GraphProto graph)
    {
        _taken = [.. GraphWalk.Graphs(graph).SelectMany(g => g.Input.Concat(g.Output).Select(v => v.Name)
            .Concat(g.Initializer.Select(t => t.Name)).Concat(g.Node.SelectMany(n => n.Output)))];
    }

    /// <summary>A free name, taken from now on.</summary>
    public string Take(string wished)
    {
        var name = wished;
        for (var i = 2; !_taken.Add(name); i++) name = $"{wished}_{i}";
        return name;
    }
}
