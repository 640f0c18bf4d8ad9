using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Samples.Exact;
using EdgeFleet.Samples.Hum;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.Samples.Training;

/// <summary>
/// The sample autoencoder of a humming machine: input [N,1,64], output the same shape. It keeps of a window what the two normal tones explain, sine and cosine of
/// each, and gives that back; what it cannot give back is the anomaly.
/// </summary>
internal static class HumRecipe
{
    /// <summary>Builds float and int8.</summary>
    public static TrainedModel Train()
    {
        var reach = (float)(HumSet.Tones.Count * HumSet.LevelMax);
        var code = (float)(HumSet.LevelMax * Math.Sqrt(HumSet.WindowSize / 2.0));
        var ranges = new ActivationRanges();
        ranges.Observe("readings", [-reach, reach]);
        ranges.Observe("code", [-code, code]);
        ranges.Observe("restored", [-reach, reach]);
        return TrainedModel.Of("sample_hum", Build(), ranges, double.NaN);
    }

    private static ModelProto Build()
    {
        var (length, codes) = (HumSet.WindowSize, 2 * HumSet.Tones.Count);
        var (analysis, synthesis) = (new float[length * codes], new float[codes * length]);
        for (var t = 0; t < length; t++)
        {
            for (var c = 0; c < codes; c++)
            {
                var turns = (double)HumSet.Tones[c / 2] * t / length;
                var value = (float)(Math.Sqrt(2.0 / length) * (c % 2 == 0 ? ExactMath.SineOfTurns(turns) : ExactMath.CosineOfTurns(turns)));
                analysis[(t * codes) + c] = value;
                synthesis[(c * length) + t] = value;
            }
        }

        return new GraphBuilder("sample_hum")
            .Input("input", DataType.Float, -1, 1, length)
            .Constant(Tensors.Floats("analysis", analysis, length, codes))
            .Constant(Tensors.Floats("synthesis", synthesis, codes, length))
            .Constant(Tensors.Longs("window", [0, 1, length], 3))
            .Node("Flatten", ["input"], "readings")
            .Node("MatMul", ["readings", "analysis"], "code")
            .Node("MatMul", ["code", "synthesis"], "restored")
            .Node("Reshape", ["restored", "window"], "output")
            .Output("output", DataType.Float, -1, 1, length)
            .Model(TrainedModel.Opset, TrainedModel.Producer, "EdgeFleet sample: gives back what a simulated humming machine sounds like.");
    }
}
