using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;

namespace EdgeFleet.ModelPrep.Tests.Quantization;

public sealed class WeightFactorsTests
{
    private const int Size = 24;

    [Fact]
    public void Rounding_with_error_feedback_leaves_less_in_the_outputs_than_rounding_to_the_nearest()
    {
        var (inputs, moments) = CorrelatedInputs();
        var factors = WeightFactors.Of(Size, [moments])!;
        var random = new Random(5);
        var (nearest, fedBack) = (0.0, 0.0);
        for (var channel = 0; channel < 20; channel++)
        {
            double[] weights = [.. Enumerable.Range(0, Size).Select(_ => (random.NextDouble() * 2) - 1)];
            var parameters = new QuantizationParameters(0.1f, 0);
            var rounded = new sbyte[Size];
            factors.Round([.. weights], 0, parameters, rounded);
            nearest += Error(inputs, weights, [.. weights.Select(w => parameters.Weight((float)w))], parameters.Scale);
            fedBack += Error(inputs, weights, rounded, parameters.Scale);
        }

        Assert.InRange(fedBack, 0, 0.5 * nearest);
    }

    [Fact]
    public void Inputs_that_never_move_do_not_break_the_factors()
    {
        var factors = WeightFactors.Of(3, [new double[9]])!;
        var rounded = new sbyte[3];
        factors.Round([0.5, -0.26, 0], 0, new QuantizationParameters(0.1f, 0), rounded);

        Assert.Equal([5, -3, 0], rounded.Select(r => (int)r));
    }

    [Fact]
    public void Windows_of_a_convolution_are_those_that_its_weights_are_laid_over()
    {
        // Two groups of one channel, 3 x 3 places, kernel 2 x 2, stride 1, one row of padding at the top.
        var node = GraphBuilder.NewNode("Conv", ["x", "w"], "y", Attributes.Of("group", 2L), Attributes.Of("pads", 1, 0, 0, 0));
        var patches = LayerPatches.Of(node, Tensors.Floats("w", new float[8], 2, 1, 2, 2))!;
        var seen = new List<(int Group, float[] Patch)>();

        patches.Visit([1, 2, 3, 3], [.. Enumerable.Range(1, 18).Select(v => (float)v)], placesMax: 100, (group, patch) => seen.Add((group, patch.ToArray())));

        Assert.Equal(12, seen.Count);
        Assert.Equal([0, 1, 0, 1], seen.Take(4).Select(s => s.Group));
        Assert.Equal([0, 0, 1, 2], seen[0].Patch);
        Assert.Equal([0, 0, 10, 11], seen[1].Patch);
        Assert.Equal([14, 15, 17, 18], seen[^1].Patch);
    }

    private static double Error(List<double[]> inputs, double[] weights, sbyte[] rounded, double scale) =>
        inputs.Average(x => Math.Pow(x.Select((v, i) => v * (weights[i] - (rounded[i] * scale))).Sum(), 2));

    private static (List<double[]> Inputs, double[] Moments) CorrelatedInputs()
    {
        var random = new Random(4);
        var inputs = new List<double[]>();
        var moments = new double[Size * Size];
        for (var n = 0; n < 400; n++)
        {
            var common = random.NextDouble();
            double[] x = [.. Enumerable.Range(0, Size).Select(_ => common + (0.2 * random.NextDouble()))];
            inputs.Add(x);
            for (var i = 0; i < Size; i++)
                for (var j = 0; j < Size; j++) moments[(i * Size) + j] += x[i] * x[j];
        }

        return (inputs, moments);
    }
}
