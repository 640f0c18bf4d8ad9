using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;

namespace EdgeFleet.ModelPrep.Tests.Quantization;

public sealed class QuantizationParametersTests
{
    [Theory]
    [InlineData(0f, 2.55f, 0.01f, 0)]
    [InlineData(-1f, 1f, 2f / 255, 128)]
    [InlineData(1f, 2.55f, 0.01f, 0)]
    [InlineData(-2.55f, -1f, 0.01f, 255)]
    [InlineData(0f, 0f, 1f, 0)]
    public void An_activation_range_always_includes_zero(float min, float max, float scale, int zeroPoint)
    {
        var parameters = QuantizationParameters.ForActivation(new ActivationRange(min, max));

        Assert.Equal(scale, parameters.Scale, 1e-6f);
        Assert.Equal(zeroPoint, parameters.ZeroPoint);
    }

    [Fact]
    public void Weights_use_127_steps_on_each_side()
    {
        var parameters = QuantizationParameters.ForWeights(12.7f);

        Assert.Equal(127, parameters.Weight(12.7f));
        Assert.Equal(-127, parameters.Weight(-12.7f));
        Assert.Equal(-127, parameters.Weight(-99f));
        Assert.Equal(0, parameters.Weight(0.04f));
    }

    [Fact]
    public void Each_output_channel_has_its_own_scale_on_either_axis()
    {
        var byRow = QuantizedWeights.Of(Tensors.Floats("w", [1f, -2f, 10f, 20f], 2, 2), axis: 0, bias: null, inputScale: 1);
        var byColumn = QuantizedWeights.Of(Tensors.Floats("w", [1f, -2f, 10f, 20f], 2, 2), axis: 1, bias: null, inputScale: 1);

        Assert.Equal([2f / 127, 20f / 127], byRow.Scales);
        Assert.Equal([10f / 127, 20f / 127], byColumn.Scales);
        Assert.Equal([64, -127, 64, 127], byRow.Values.Select(v => (int)v));
    }

    [Fact]
    public void A_bias_that_would_overflow_makes_its_weight_scale_coarser()
    {
        var quantized = QuantizedWeights.Of(
            Tensors.Floats("w", [1e-6f, 1f], 2, 1), axis: 0, Tensors.Floats("b", [1000f, 1f], 2), inputScale: 1e-3f);

        for (var channel = 0; channel < 2; channel++)
        {
            var restored = quantized.Bias![channel] * 1e-3 * quantized.Scales[channel];
            Assert.Equal(channel == 0 ? 1000 : 1, restored, 0.01);
        }
    }

    [Fact]
    public void A_range_ignores_what_is_not_a_number()
    {
        var range = ActivationRange.Empty.With([1f, float.NaN, float.PositiveInfinity, -3f]);

        Assert.Equal(new ActivationRange(-3f, 1f), range);
    }
}
