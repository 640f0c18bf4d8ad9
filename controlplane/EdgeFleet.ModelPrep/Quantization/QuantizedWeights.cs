using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Weights and bias of one Conv, Gemm or MatMul: int8 per output channel and int32.</summary>
/// <param name="Axis">The axis of the output channels.</param>
/// <param name="Scales">One scale per output channel.</param>
/// <param name="Values">int8 weights in the layout of the float ones.</param>
/// <param name="Bias">int32 with scale input scale times weight scale; null when the node has none.</param>
internal sealed record QuantizedWeights(int Axis, float[] Scales, sbyte[] Values, int[]? Bias)
{
    /// <summary>Quantizes the weights of a node whose input has the given scale.</summary>
    /// <param name="weights">Float weights.</param>
    /// <param name="axis">The axis of the output channels.</param>
    /// <param name="bias">Float bias, where there is one.</param>
    /// <param name="inputScale">Scale of the node's input.</param>
    /// <param name="factors">Rounds with error feedback; null rounds to the nearest.</param>
    public static QuantizedWeights Of(TensorProto weights, int axis, TensorProto? bias, float inputScale, WeightFactors? factors = null)
    {
        var values = Tensors.ToFloats(weights);
        var biases = bias is null ? null : Tensors.ToFloats(bias);
        var channels = (int)weights.Dims[axis];
        var inner = (int)weights.Dims.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);

        var parameters = new QuantizationParameters[channels];
        for (var channel = 0; channel < channels; channel++)
        {
            var absMax = 0f;
            for (var start = channel * inner; start < values.Length; start += channels * inner)
                for (var i = start; i < start + inner; i++) absMax = Math.Max(absMax, Math.Abs(values[i]));
            parameters[channel] = FitBias(QuantizationParameters.ForWeights(absMax), biases is null ? 0 : biases[channel], inputScale);
        }

        var quantized = new sbyte[values.Length];
        if (factors is not null) RoundByFactors(values, quantized, parameters, axis, factors);
        else for (var i = 0; i < values.Length; i++) quantized[i] = parameters[i / inner % channels].Weight(values[i]);

        var scales = Array.ConvertAll(parameters, p => p.Scale);
        return new QuantizedWeights(axis, scales, quantized, biases?.Select((b, c) => QuantizeBias(b, inputScale, scales[c])).ToArray());
    }

    private static void RoundByFactors(float[] values, sbyte[] quantized, QuantizationParameters[] parameters, int axis, WeightFactors factors)
    {
        var (channels, size) = (parameters.Length, factors.Size);
        var (weights, rounded) = (new double[size], new sbyte[size]);
        for (var channel = 0; channel < channels; channel++)
        {
            for (var i = 0; i < size; i++) weights[i] = values[At(channel, i)];
            factors.Round(weights, (int)((long)channel * factors.Upper.Count / channels), parameters[channel], rounded);
            for (var i = 0; i < size; i++) quantized[At(channel, i)] = rounded[i];
        }

        int At(int channel, int i) => axis == 0 ? (channel * size) + i : (i * channels) + channel;
    }

    // A bias that is large beside its weights would overflow int32: a coarser weight scale makes room for it.
    private static QuantizationParameters FitBias(QuantizationParameters weights, float bias, float inputScale)
    {
        var least = 1.0001 * 2 * Math.Abs((double)bias) / (uint.MaxValue - 1.0);
        var scale = (double)inputScale * weights.Scale;
        return scale >= least ? weights : weights with { Scale = (float)(least / inputScale) };
    }

    private static int QuantizeBias(float bias, float inputScale, float weightScale) =>
        (int)Math.Clamp(Math.Round(bias / ((double)inputScale * weightScale), MidpointRounding.ToEven), int.MinValue, int.MaxValue);
}
