using EdgeFleet.ModelPrep.Onnx;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Inspecting;

/// <summary>A layer's weights as the numbers they stand for, int8 ones too.</summary>
/// <param name="Name">Name of the layer.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Shape">Shape of the weights.</param>
/// <param name="Type">Type in which they are kept.</param>
/// <param name="Values">The numbers.</param>
internal sealed record LayerWeights(string Name, string Operator, IReadOnlyList<long> Shape, string Type, float[] Values);

/// <summary>Reads the weights of layers, in the order of the graph.</summary>
internal static class WeightReader
{
    private static readonly HashSet<string> Layers = ["Conv", "ConvTranspose", "Gemm", "MatMul"];

    /// <summary>The layers whose weights are constants of a type that can be read.</summary>
    public static IEnumerable<LayerWeights> Read(GraphProto graph)
    {
        var index = new GraphIndex(graph);
        foreach (var node in graph.Node)
        {
            var (input, scale, zero, axis) = node.OpType switch
            {
                "QLinearConv" when node.Input.Count > 5 => (node.Input[3], node.Input[4], node.Input[5], 0L),
                "QLinearMatMul" when node.Input.Count > 5 => (node.Input[3], node.Input[4], node.Input[5], -1L),
                _ when Layers.Contains(node.OpType) && node.Input.Count > 1 => Dequantized(index, node.Input[1]),
                _ => (null, null, null, 0L),
            };
            if (input is not null && index.Constant(input) is { } weights && ValuesOf(weights, scale is null ? null : index.Constant(scale), zero is null ? null : index.Constant(zero), axis) is { } values)
                yield return new LayerWeights(node.Name.Length > 0 ? node.Name : node.Output[0], node.OpType.Replace("QLinear", "", StringComparison.Ordinal), [.. weights.Dims], TypeName(weights.DataType), values);
        }
    }

    /// <summary>The name of a type of values.</summary>
    public static string TypeName(int type) => Enum.IsDefined((DataType)type) ? ((DataType)type).ToString().ToLowerInvariant() : $"type {type}";

    private static (string? Input, string? Scale, string? Zero, long Axis) Dequantized(GraphIndex index, string name) =>
        index.Producer(name) is { OpType: "DequantizeLinear", Input.Count: > 1 } node
            ? (node.Input[0], node.Input[1], node.Input.Count > 2 && node.Input[2].Length > 0 ? node.Input[2] : null, Attributes.IntOr(node, "axis", 1))
            : (name, null, null, 0);

    private static float[]? ValuesOf(TensorProto weights, TensorProto? scale, TensorProto? zero, long axis)
    {
        if (weights.DataType == (int)DataType.Float) return Tensors.ToFloats(weights);
        if (scale is null || scale.DataType != (int)DataType.Float || Integers(weights) is not { } integers) return null;
        var (scales, zeros) = (Tensors.ToFloats(scale), zero is null ? null : Integers(zero));
        if (scales.Length == 0 || zeros is { Length: 0 }) return null;
        var place = (int)(axis < 0 ? axis + weights.Dims.Count : axis);
        var inner = scales.Length == 1 ? 1 : weights.Dims.Skip(place + 1).Aggregate(1L, (a, d) => a * d);
        var values = new float[integers.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var channel = (int)(i / inner % scales.Length);
            values[i] = scales[channel] * (integers[i] - (zeros?[zeros.Length == 1 ? 0 : channel % zeros.Length] ?? 0));
        }

        return values;
    }

    private static int[]? Integers(TensorProto tensor)
    {
        var isSigned = tensor.DataType == (int)DataType.Int8;
        if (!isSigned && tensor.DataType != (int)DataType.Uint8) return null;
        return tensor.HasRawData ? [.. tensor.RawData.Select(b => isSigned ? (sbyte)b : (int)b)] : [.. tensor.Int32Data];
    }
}
