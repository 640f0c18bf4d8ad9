using EdgeFleet.ModelPrep.Onnx;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Makes the int8 (QDQ) form of a float model: uint8 activations over calibrated ranges, int8 weights per output channel, int32 biases.
/// Always compare answers afterwards, in an optimized session: a quantized model can look well and be wrong.
/// </summary>
public static class StaticQuantizer
{
    // Per-channel DequantizeLinear came with opset 13.
    private const long OpsetMin = 13;

    /// <summary>The tensors whose ranges <see cref="Quantize(ModelProto, ActivationRanges)"/> needs.</summary>
    /// <exception cref="QuantizationException">Opset below 13, or nothing to quantize.</exception>
    public static IReadOnlySet<string> TensorsToObserve(ModelProto model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var opset = model.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version ?? 0;
        if (opset < OpsetMin)
            throw new QuantizationException($"The model uses opset {opset}; int8 per channel needs {OpsetMin} or later. Export it again with a later opset.");

        var plan = new QdqPlan(model.Graph);
        return plan.Tensors.Count > 0
            ? plan.Tensors.Select(plan.ScaleSource).ToHashSet()
            : throw new QuantizationException("The model has no Conv, Gemm or MatMul with constant weights: nothing can be quantized.");
    }

    /// <summary>Whether the weights of a model are 32-bit floats.</summary>
    /// <exception cref="QuantizationException">They are others; the first is named.</exception>
    internal static void CheckIsFloat(ModelProto model, string name)
    {
        if (model.Graph.Initializer.Any(t => t.DataType == (int)DataType.Float && t.Dims.Count > 1)) return;
        if (model.Graph.Initializer.FirstOrDefault(t => (DataType)t.DataType is DataType.Float16 or DataType.Bfloat16 or DataType.Double) is { } other)
            throw new QuantizationException($"{name} keeps its weights as {(DataType)other.DataType} ('{other.Name}'). Export it in 32-bit float, then quantize that.");
    }

    /// <summary>Whether a model that was made ready has anything to quantize.</summary>
    /// <exception cref="QuantizationException">It has not; its operators are said.</exception>
    internal static void CheckIsQuantizable(ModelProto model, string name)
    {
        if (new QdqPlan(model.Graph).Layers.Count == 0)
            throw new QuantizationException($"{name} has no Conv, Gemm or MatMul with constant float weights: nothing can be quantized. Its operators are {string.Join(", ", model.Graph.Node.Select(n => n.OpType).Distinct().Order(StringComparer.Ordinal))}.");
    }

    /// <summary>Calibrates over prepared samples of the given shape, then quantizes.</summary>
    /// <exception cref="QuantizationException">Opset below 13, nothing to quantize, no sample, or a tensor that was never finite.</exception>
    public static ModelProto Quantize(ModelProto model, IEnumerable<float[]> samples, long[] shape) =>
        Quantize(model, MinMaxCalibrator.Run(model, TensorsToObserve(model), samples, shape));

    /// <summary>Quantizes with ranges that are known already. Equal input gives equal bytes on every machine.</summary>
    /// <exception cref="QuantizationException">Opset below 13, nothing to quantize, or a tensor without a range.</exception>
    public static ModelProto Quantize(ModelProto model, ActivationRanges ranges)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(ranges);
        var needed = TensorsToObserve(model);
        if (needed.FirstOrDefault(t => !ranges.TryGet(t, out _)) is { } missing)
            throw new QuantizationException($"Tensor '{missing}' never held a finite value during calibration. Check the samples and their preparation.");

        var quantized = model.Clone();
        quantized.ProducerName = "edgefleet";
        quantized.Graph = new QdqWriter(model.Graph, new QdqPlan(model.Graph), ranges, QdqChoices.Default).Write();
        return quantized;
    }

    /// <summary>Quantizes a model that was made ready by <see cref="FloatModel"/>, as was chosen.</summary>
    internal static ModelProto Quantize(ModelProto model, ActivationRanges ranges, QdqChoices choices)
    {
        var quantized = new ModelProto(model) { ProducerName = "edgefleet" };
        quantized.Graph = new QdqWriter(model.Graph, new QdqPlan(model.Graph, choices), ranges, choices).Write();
        return quantized;
    }
}
