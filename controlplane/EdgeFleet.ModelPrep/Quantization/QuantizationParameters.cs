namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// How real numbers map to integers: real = scale * (integer - zero point). Activations are asymmetric uint8, weights symmetric int8;
/// on a CPU this pair is the one whose every convolution fuses. TensorRT wants activations about zero too.
/// </summary>
public readonly record struct QuantizationParameters(float Scale, int ZeroPoint)
{
    private const float ScaleMin = 1.17549435e-38f;

    /// <summary>uint8 over a range, which always includes 0 so that padding and ReLU stay exact.</summary>
    public static QuantizationParameters ForActivation(ActivationRange range)
    {
        double min = Math.Min(range.Min, 0f), max = Math.Max(range.Max, 0f);
        var scale = (max - min) / 255.0;
        if (!(scale >= ScaleMin)) return new QuantizationParameters(1f, 0);
        var zeroPoint = Math.Round(-min / scale, MidpointRounding.ToEven);
        return new QuantizationParameters((float)scale, (int)Math.Clamp(zeroPoint, 0, 255));
    }

    /// <summary>Activations of a target: uint8 over a range, or int8 about 0.</summary>
    public static QuantizationParameters ForActivation(ActivationRange range, QuantizationTarget target) =>
        target == QuantizationTarget.Cpu ? ForActivation(range) : ForWeights(Math.Max(Math.Abs(range.Min), Math.Abs(range.Max)));

    /// <summary>int8 from -127 to 127 about 0.</summary>
    public static QuantizationParameters ForWeights(float absMax)
    {
        var scale = (float)(absMax / 127.0);
        return scale >= ScaleMin ? new QuantizationParameters(scale, 0) : new QuantizationParameters(1f, 0);
    }

    /// <summary>A weight as int8; only for parameters about 0.</summary>
    public sbyte Weight(float value) => (sbyte)Math.Clamp(Math.Round((double)value / Scale, MidpointRounding.ToEven), -127, 127);
}
