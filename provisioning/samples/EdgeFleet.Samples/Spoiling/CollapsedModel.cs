using EdgeFleet.ModelPrep.Onnx;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.Samples.Spoiling;

/// <summary>
/// Spoils a good int8 model the way a wrong export does: the quantization before the head gets a zero point and a scale that are not those
/// of the dequantization behind it. The model loads, is fast, has the right shapes and always gives the same sure answer.
/// </summary>
internal static class CollapsedModel
{
    /// <summary>The spoilt model; the good one is left as it was.</summary>
    /// <exception cref="SpoilException">The model has no quantized head.</exception>
    public static ModelProto Of(ModelProto good, string name)
    {
        var model = good.Clone();
        var index = new GraphIndex(model.Graph);
        var head = model.Graph.Node.LastOrDefault(n => n.OpType is "Gemm" or "MatMul" or "Conv")
            ?? throw new SpoilException($"{name} has no Gemm, MatMul or Conv. Give an int8 classifier.");
        var quantize = QuantizationBefore(index, head.Input[0])
            ?? throw new SpoilException($"{name} does not quantize the input of its last {head.OpType}. Give the int8 (QDQ) form of the model.");

        var isSigned = index.Constant(quantize.Input[2])?.DataType == (int)DataType.Int8;
        quantize.Input[1] = "spoilt_scale";
        quantize.Input[2] = "spoilt_zero_point";
        model.Graph.Initializer.Add(Tensors.Floats("spoilt_scale", [1e6f]));
        model.Graph.Initializer.Add(isSigned ? Tensors.SignedBytes("spoilt_zero_point", [127]) : Tensors.UnsignedBytes("spoilt_zero_point", [255]));
        return model;
    }

    // Through shape changes back to the pair that feeds the head.
    private static NodeProto? QuantizationBefore(GraphIndex index, string tensor)
    {
        for (var node = index.Producer(tensor); node is not null; node = index.Producer(node.Input[0]))
        {
            if (node.OpType == "QuantizeLinear") return node.Input.Count > 2 ? node : null;
            if (node.OpType is not ("DequantizeLinear" or "Flatten" or "Reshape" or "Squeeze")) return null;
        }

        return null;
    }
}
