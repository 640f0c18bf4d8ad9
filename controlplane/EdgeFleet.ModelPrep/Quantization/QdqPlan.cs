using EdgeFleet.ModelPrep.Onnx;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Which nodes of a graph run on int8. Nodes with weights always; nodes without (Add, pools, shape changes) only between such nodes,
/// because turning a float island into int8 costs accuracy and buys nothing.
/// </summary>
internal sealed class QdqPlan
{
    private static readonly HashSet<string> Weighted = ["Conv", "Gemm", "MatMul"];
    private static readonly HashSet<string> Following = ["Add", "Concat", "AveragePool", "GlobalAveragePool"];
    private static readonly HashSet<string> SameScale = ["MaxPool", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze"];

    private readonly Dictionary<NodeProto, NodeProto> _absorbed = [];
    private readonly HashSet<NodeProto> _quantized = [];
    private readonly HashSet<string> _tensors = [];
    private readonly Dictionary<string, string> _scaleOf = [];

    /// <summary>Plans over a graph in the order in which it runs.</summary>
    public QdqPlan(GraphProto graph)
    {
        Index = new GraphIndex(graph);
        foreach (var node in graph.Node)
            if (CanRun(node)) Take(node);
    }

    /// <summary>The graph as it was planned on.</summary>
    public GraphIndex Index { get; }

    /// <summary>Every float tensor that will be uint8; their ranges must be known.</summary>
    public IReadOnlySet<string> Tensors => _tensors;

    /// <summary>Whether a node runs on int8.</summary>
    public bool Runs(NodeProto node) => _quantized.Contains(node);

    /// <summary>Whether a node has weights, and where its output channels are.</summary>
    public static bool HasWeights(NodeProto node) => Weighted.Contains(node.OpType);

    /// <summary>Whether this Relu or Clip disappears into the node before it, whose uint8 range does its work.</summary>
    public bool IsAbsorbed(NodeProto activation) => _absorbed.ContainsValue(activation);

    /// <summary>The float output of a node, after the activation that it absorbs.</summary>
    public string OutputOf(NodeProto node) => (_absorbed.TryGetValue(node, out var activation) ? activation : node).Output[0];

    /// <summary>The tensor whose scale and zero point this one must share; itself for most.</summary>
    public string ScaleSource(string tensor) => _scaleOf.TryGetValue(tensor, out var source) ? ScaleSource(source) : tensor;

    private bool CanRun(NodeProto node) => node.OpType switch
    {
        "Conv" => IsFloat(node, 1) && (node.Input.Count < 3 || IsFloat(node, 2)),
        "Gemm" => IsFloat(node, 1) && (node.Input.Count < 3 || IsFloat(node, 2)) && IsPlainGemm(node),
        "MatMul" => IsFloat(node, 1) && Index.Constant(node.Input[1])!.Dims.Count == 2,
        var op when Following.Contains(op) => node.Input.All(i => _tensors.Contains(i)),
        var op when SameScale.Contains(op) => _tensors.Contains(node.Input[0]),
        _ => false,
    };

    private bool IsFloat(NodeProto node, int input) => Index.Constant(node.Input[input])?.DataType == (int)DataType.Float;

    private bool IsPlainGemm(NodeProto node) =>
        Attributes.FloatOr(node, "alpha", 1) == 1 && Attributes.FloatOr(node, "beta", 1) == 1 && Attributes.IntOr(node, "transA", 0) == 0
        && (node.Input.Count < 3 || Index.Constant(node.Input[2])!.Dims.Count == 1);

    private void Take(NodeProto node)
    {
        _quantized.Add(node);
        if (HasWeights(node) || node.OpType == "Add") TryAbsorb(node);

        foreach (var input in node.Input.Where(i => i.Length > 0 && Index.Constant(i) is null).Take(SameScale.Contains(node.OpType) ? 1 : int.MaxValue))
            _tensors.Add(input);
        _tensors.Add(OutputOf(node));
        if (SameScale.Contains(node.OpType)) _scaleOf[node.Output[0]] = node.Input[0];
    }

    private void TryAbsorb(NodeProto node)
    {
        if (Index.OnlyConsumer(node.Output[0]) is not { OpType: "Relu" or "Clip" } activation) return;
        if (activation.OpType == "Relu" || ClipContainsZero(activation)) _absorbed[node] = activation;
    }

    // A uint8 range always includes 0, so it stands in for a Clip only if the Clip lets 0 through.
    private bool ClipContainsZero(NodeProto clip) => Bound(clip, 1, float.NegativeInfinity) <= 0 && Bound(clip, 2, float.PositiveInfinity) >= 0;

    private float Bound(NodeProto clip, int input, float unbounded)
    {
        if (clip.Input.Count <= input || clip.Input[input].Length == 0) return unbounded;
        return Index.Constant(clip.Input[input]) is { DataType: (int)DataType.Float } bound ? Onnx.Tensors.ToFloats(bound)[0] : float.NaN;
    }
}
