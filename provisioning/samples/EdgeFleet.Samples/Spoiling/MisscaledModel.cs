using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.Samples.Spoiling;

/// <summary>
/// Spoils a good int8 model of any task the way a wrong export does: what goes into its last layer is quantized with four times the scale with which it is
/// dequantized, and so arrives four times too small. The model loads, is fast and has the right shapes.
/// </summary>
internal static class MisscaledModel
{
    private const float Times = 4;

    /// <summary>The spoilt model; the good one is left as it was.</summary>
    /// <exception cref="SpoilException">The model has no quantized last layer.</exception>
    public static ModelProto Of(ModelProto good, string name)
    {
        var model = good.Clone();
        var index = new GraphIndex(model.Graph);
        var quantize = CollapsedModel.QuantizationBeforeHead(index, model, name);
        var scale = index.Constant(quantize.Input[1]) ?? throw new SpoilException($"{name} computes the scale of its last layer. Give an int8 model with fixed scales.");
        model.Graph.Initializer.Add(Tensors.Floats("spoilt_scale", [Times * Tensors.ToFloats(scale)[0]]));
        quantize.Input[1] = "spoilt_scale";
        return model;
    }
}
