using EdgeFleet.ModelPrep.Onnx;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.Samples.Spoiling;

/// <summary>
/// Spoils a good int8 model the way a wrong export does: the quantization before the head gets a zero point and a scale that are not those
/// of the dequantization behind it. The model loads, is fast, has the right shapes and always gives the same sure answer.
/// </summary>
internal static class CollapsedModel
{
    private const float ScaleFarTooLarge = 1e6f;
    private const double ConfidenceMin = 0.6;
    private static readonly int[] ZeroPoints = [.. Enumerable.Range(0, 16).Select(i => 255 - (17 * i))];

    /// <summary>The spoilt model; the good one is left as it was.</summary>
    /// <exception cref="SpoilException">The model has no quantized head, or no surer answer than a guess.</exception>
    public static ModelProto Of(ModelProto good, string name)
    {
        var model = good.Clone();
        var index = new GraphIndex(model.Graph);
        var quantize = QuantizationBeforeHead(index, model, name);

        var isSigned = index.Constant(quantize.Input[2])?.DataType == (int)DataType.Int8;
        quantize.Input[1] = "spoilt_scale";
        quantize.Input[2] = "spoilt_zero_point";
        model.Graph.Initializer.Add(Tensors.Floats("spoilt_scale", [ScaleFarTooLarge]));
        model.Graph.Initializer.Add(new TensorProto());

        // With such a scale everything becomes the zero point: of all these constant models the surest one is kept.
        var candidates = ZeroPoints.Select(z => Spoilt(model, z, isSigned)).Select(m => (Model: m, Confidence: TopProbability(ModelProbe.Answer(m))));
        var (surest, confidence) = candidates.MaxBy(c => c.Confidence);
        return confidence >= ConfidenceMin ? surest
            : throw new SpoilException($"{name} cannot be made to collapse into a sure answer (at most {confidence:F2}). Give another int8 classifier.");
    }

    /// <summary>The quantization of what goes into the last layer with weights.</summary>
    /// <exception cref="SpoilException">There is none.</exception>
    internal static NodeProto QuantizationBeforeHead(GraphIndex index, ModelProto model, string name)
    {
        var head = model.Graph.Node.LastOrDefault(n => n.OpType is "Gemm" or "MatMul" or "Conv")
            ?? throw new SpoilException($"{name} has no Gemm, MatMul or Conv. Give an int8 model.");
        return QuantizationBefore(index, head.Input[0])
            ?? throw new SpoilException($"{name} does not quantize the input of its last {head.OpType}. Give the int8 (QDQ) form of the model.");
    }

    private static ModelProto Spoilt(ModelProto model, int zeroPoint, bool isSigned)
    {
        var spoilt = model.Clone();
        spoilt.Graph.Initializer[^1] = isSigned
            ? Tensors.SignedBytes("spoilt_zero_point", [(sbyte)(zeroPoint - 128)])
            : Tensors.UnsignedBytes("spoilt_zero_point", [(byte)zeroPoint]);
        return spoilt;
    }

    private static double TopProbability(float[] logits)
    {
        var top = logits.Max();
        return 1 / logits.Sum(l => Math.Exp(l - top));
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
