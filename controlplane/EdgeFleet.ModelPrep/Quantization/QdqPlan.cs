using EdgeFleet.ModelPrep.Onnx;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Which nodes of a graph run on int8. Nodes with weights always; nodes without (Add, pools, shape changes) only between such nodes,
/// because turning a float island into int8 costs accuracy and buys nothing. A tensor that stays float keeps its neighbours float: with float weights
/// between int8 tensors ONNX Runtime would quantize the weights by itself, and badly.
/// </summary>
internal sealed class QdqPlan
{
    private static readonly HashSet<string> Weighted = ["Conv", "Gemm", "MatMul"];
    private static readonly HashSet<string> Following = ["Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool", "LeakyRelu", "Sigmoid"];
    private static readonly HashSet<string> SameScale = ["MaxPool", "Reshape", "Transpose", "Flatten", "Squeeze", "Unsqueeze", "Slice", "DepthToSpace"];

    private readonly Dictionary<string, NodeProto> _absorbedBy = [];
    private readonly HashSet<string> _absorbed = [];
    private readonly HashSet<string> _quantized = [];
    private readonly HashSet<string> _tensors = [];
    private readonly Dictionary<string, string> _scaleOf = [];
    private readonly List<NodeProto> _layers = [];
    private readonly QdqChoices _choices;

    /// <summary>Plans over a graph in the order in which it runs.</summary>
    public QdqPlan(GraphProto graph, QdqChoices? choices = null)
    {
        _choices = choices ?? QdqChoices.Default;
        Index = new GraphIndex(graph);
        foreach (var node in graph.Node)
            if (CanRun(node)) Take(node);
    }

    /// <summary>The graph as it was planned on.</summary>
    public GraphIndex Index { get; }

    /// <summary>Every float tensor that will be int8; their ranges must be known.</summary>
    public IReadOnlySet<string> Tensors => _tensors;

    /// <summary>The nodes with weights that run on int8, in order.</summary>
    public IReadOnlyList<NodeProto> Layers => _layers;

    /// <summary>Whether a node runs on int8.</summary>
    public bool Runs(NodeProto node) => node.Output.Count > 0 && _quantized.Contains(node.Output[0]);

    /// <summary>Whether a node has weights, and where its output channels are.</summary>
    public static bool HasWeights(NodeProto node) => Weighted.Contains(node.OpType);

    /// <summary>The axis of a node's weights on which its output channels lie.</summary>
    public static int ChannelAxis(NodeProto node) => node.OpType == "Conv" || (node.OpType == "Gemm" && Attributes.IntOr(node, "transB", 0) == 1) ? 0 : 1;

    /// <summary>Whether this Relu or Clip belongs to the node before it, whose range is taken behind it.</summary>
    public bool IsAbsorbed(NodeProto activation) => activation.Output.Count > 0 && _absorbed.Contains(activation.Output[0]);

    /// <summary>The Relu or Clip that belongs to a node; null when there is none.</summary>
    public NodeProto? AbsorbedBy(NodeProto node) => _absorbedBy.GetValueOrDefault(node.Output[0]);

    /// <summary>The float output of a node, after the activation that it absorbs.</summary>
    public string OutputOf(NodeProto node) => (AbsorbedBy(node) ?? node).Output[0];

    /// <summary>The tensor whose scale and zero point this one must share; itself for most.</summary>
    public string ScaleSource(string tensor) => _scaleOf.TryGetValue(tensor, out var source) ? ScaleSource(source) : tensor;

    private bool CanRun(NodeProto node) => node.Domain is "" or "ai.onnx" && node.Output.Count > 0 && !StaysFloat(node) && node.OpType switch
    {
        "Conv" => IsFloat(node, 1) && (node.Input.Count < 3 || IsFloat(node, 2)),
        "Gemm" => IsFloat(node, 1) && (node.Input.Count < 3 || IsFloat(node, 2)) && IsPlainGemm(node),
        "MatMul" => IsFloat(node, 1) && Index.Constant(node.Input[1])!.Dims.Count == 2,
        "Sigmoid" => _tensors.Contains(node.Input[0]) && Index.Consumers(node.Output[0]) is { Count: > 0 } readers && readers.All(r => r.OpType == "Mul"),
        var op when Following.Contains(op) => node.Input.All(i => _tensors.Contains(i)),
        var op when SameScale.Contains(op) => _tensors.Contains(node.Input[0]) && node.Output.Count == 1,
        _ => false,
    };

    private bool StaysFloat(NodeProto node) => _choices.Float.Count > 0
        && (node.Input.Any(_choices.Float.Contains) || _choices.Float.Contains((ActivationBehind(node) ?? node).Output[0]));

    private bool IsFloat(NodeProto node, int input) => Index.Constant(node.Input[input])?.DataType == (int)DataType.Float;

    private bool IsPlainGemm(NodeProto node) =>
        Attributes.FloatOr(node, "alpha", 1) == 1 && Attributes.FloatOr(node, "beta", 1) == 1 && Attributes.IntOr(node, "transA", 0) == 0
        && (node.Input.Count < 3 || Index.Constant(node.Input[2])!.Dims.Count == 1);

    private void Take(NodeProto node)
    {
        _quantized.Add(node.Output[0]);
        if (HasWeights(node)) _layers.Add(node);
        if (ActivationBehind(node) is { } activation)
        {
            _absorbedBy[node.Output[0]] = activation;
            _absorbed.Add(activation.Output[0]);
        }

        foreach (var input in node.Input.Where(i => i.Length > 0 && Index.Constant(i) is null).Take(SameScale.Contains(node.OpType) ? 1 : int.MaxValue))
            _tensors.Add(input);
        _tensors.Add(OutputOf(node));
        if (SameScale.Contains(node.OpType)) _scaleOf[node.Output[0]] = node.Input[0];
    }

    private NodeProto? ActivationBehind(NodeProto node)
    {
        if (!HasWeights(node) && node.OpType != "Add") return null;
        if (Index.OnlyConsumer(node.Output[0]) is not { OpType: "Relu" or "Clip" } activation) return null;
        return activation.OpType == "Relu" || ClipContainsZero(activation) ? activation : null;
    }

    // A range always includes 0, so it stands in for a Clip only if the Clip lets 0 through.
    private bool ClipContainsZero(NodeProto clip) => Bound(clip, 1, float.NegativeInfinity) <= 0 && Bound(clip, 2, float.PositiveInfinity) >= 0;

    private float Bound(NodeProto clip, int input, float unbounded)
    {
        if (clip.Input.Count <= input || clip.Input[input].Length == 0) return unbounded;
        return Index.Constant(clip.Input[input]) is { DataType: (int)DataType.Float } bound ? Onnx.Tensors.ToFloats(bound)[0] : float.NaN;
    }
}
