using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Samples.Spots;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.Samples.Training;

/// <summary>
/// The sample detector of red and blue squares: input [N,3,64,64] RGB as value / 255. The mean colour of each place where a square may stand is weighed by hand,
/// nothing is learned. Output [N,6,169]: centre and size in pixels, then a logit for red and one for blue, for 13 x 13 places.
/// </summary>
internal static class SpotRecipe
{
    /// <summary>Pixels on a side of the model's input.</summary>
    public const int InputSize = SpotSet.Size / 2;

    /// <summary>Candidate boxes.</summary>
    public const int Candidates = Places * Places;

    private const int Square = SpotSet.SquareSize / 2;
    private const int Stride = 4;
    private const int Places = ((InputSize - Square) / Stride) + 1;

    // A whole square has a colour of its own of about 0.8; half of one must stay below the threshold.
    private const float Gain = 30;
    private const float Bias = -16.5f;

    /// <summary>Builds float and int8.</summary>
    public static TrainedModel Train()
    {
        var ranges = new ActivationRanges();
        ranges.Observe("mean_colour", [0, 1]);
        // Beyond this a logit says nothing more; a finer step between is worth it.
        ranges.Observe("logits", [-8, 8]);
        return TrainedModel.Of("sample_spots", Build(), ranges, double.NaN);
    }

    private static ModelProto Build() => new GraphBuilder("sample_spots")
        .Input("input", DataType.Float, -1, 3, InputSize, InputSize)
        .Constant(Tensors.Floats("colours", [Gain, -Gain / 2, -Gain / 2, -Gain / 2, -Gain / 2, Gain], 2, 3, 1, 1))
        .Constant(Tensors.Floats("colours_bias", [Bias, Bias], 2))
        .Constant(Tensors.Longs("flat", [0, 2, Candidates], 3))
        .Constant(Tensors.Floats("nothing", [0]))
        .Constant(Tensors.Floats("places", BoxesOfPlaces(), 1, 4, Candidates))
        .Node("AveragePool", ["input"], "mean_colour", Attributes.Of("kernel_shape", Square, Square), Attributes.Of("strides", Stride, Stride))
        .Node("Conv", ["mean_colour", "colours", "colours_bias"], "logits")
        .Node("Reshape", ["logits", "flat"], "scores")
        // The places are the same for every picture: they take its batch from what is made nothing of.
        .Node("Mul", ["scores", "nothing"], "two_rows")
        .Node("Concat", ["two_rows", "two_rows"], "four_rows", Attributes.Of("axis", 1L))
        .Node("Add", ["four_rows", "places"], "boxes")
        .Node("Concat", ["boxes", "scores"], "detections", Attributes.Of("axis", 1L))
        .Output("detections", DataType.Float, -1, 6, Candidates)
        .Model(TrainedModel.Opset, TrainedModel.Producer, "EdgeFleet sample: finds drawn squares, not things in photos.");

    private static float[] BoxesOfPlaces()
    {
        var boxes = new float[4 * Candidates];
        for (var place = 0; place < Candidates; place++)
        {
            boxes[place] = (Stride * (place % Places)) + (Square / 2f);
            boxes[Candidates + place] = (Stride * (place / Places)) + (Square / 2f);
            boxes[(2 * Candidates) + place] = Square;
            boxes[(3 * Candidates) + place] = Square;
        }

        return boxes;
    }
}
