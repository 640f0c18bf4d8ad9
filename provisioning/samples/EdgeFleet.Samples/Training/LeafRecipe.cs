using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Samples.Exact;
using EdgeFleet.Samples.Leaves;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.Samples.Training;

/// <summary>
/// The sample leaf classifier: input [N,3,48,48] RGB as value / 127.5 - 1, filters from k-means over drawn leaves, mean and maximum of
/// each, a ridge head. Output [N,5] logits.
/// </summary>
internal static class LeafRecipe
{
    /// <summary>Pixels on a side of the model's input.</summary>
    public const int InputSize = LeafPainter.Size / 2;

    private const int Filters = 48;
    private const int FilterSize = 6;
    private const int Stride = 2;
    private const int Maps = (((InputSize - FilterSize) / Stride) + 1) / 2;

    /// <summary>Trains on the drawn leaves of a seed; the same seed gives the same bytes on every machine.</summary>
    public static TrainedModel Train(ulong seed = LeafSet.DefaultSeed)
    {
        var leaves = new LeafSet(seed);
        var train = leaves.Paint("train").Select(l => (Picture: Prepare(l.Rgb), l.Class)).ToList();
        List<Plane> pictures = [.. train.Select(t => t.Picture)];
        var filters = Equalized(PatchFilters.Learn(pictures, Filters, FilterSize, Stride, SeededRandom.For(seed, 99)), pictures);

        var ranges = new ActivationRanges();
        var trained = train.Select(t => (Features(t.Picture, filters, ranges), t.Class)).ToList();
        var head = RidgeHead.Fit(trained, Split(leaves, "val", filters), LeafSet.Labels.Count);
        foreach (var (features, _) in trained) ranges.Observe("logits", head.Logits(features));

        var accuracy = TrainedModel.Accuracy(head, Split(leaves, "test", filters));
        return TrainedModel.Of("sample_leaf", Build(filters, head), ranges, accuracy);
    }

    private static List<(float[] Features, int Class)> Split(LeafSet leaves, string split, ConvWeights filters) =>
        [.. leaves.Paint(split).Select(l => (Features(Prepare(l.Rgb), filters, ranges: null), l.Class))];

    // Half-pixel bilinear to half the size is the mean of 2 x 2 pixels.
    private static Plane Prepare(byte[] rgb)
    {
        var values = new float[3 * InputSize * InputSize];
        for (var c = 0; c < 3; c++)
        {
            for (var y = 0; y < InputSize; y++)
            {
                for (var x = 0; x < InputSize; x++)
                {
                    int At(int dy, int dx) => rgb[(((((2 * y) + dy) * LeafPainter.Size) + (2 * x) + dx) * 3) + c];
                    values[(((c * InputSize) + y) * InputSize) + x] = (float)(((At(0, 0) + At(0, 1) + At(1, 0) + At(1, 1)) / 4.0 / 127.5) - 1);
                }
            }
        }

        return new Plane(values, 3, InputSize, InputSize);
    }

    // All filters share one uint8 scale: each is brought to a greatest answer of 1, or the faint ones would drown in rounding.
    private static ConvWeights Equalized(ConvWeights filters, List<Plane> pictures)
    {
        var greatest = new float[Filters];
        foreach (var picture in pictures)
        {
            var likeness = ScalarLayers.ConvRelu(picture, filters);
            var size = likeness.Height * likeness.Width;
            for (var i = 0; i < likeness.Values.Length; i++) greatest[i / size] = Math.Max(greatest[i / size], likeness.Values[i]);
        }

        var length = filters.Weights.Length / Filters;
        return filters with
        {
            Weights = [.. filters.Weights.Select((w, i) => w / Math.Max(greatest[i / length], 1e-6f))],
            Bias = [.. filters.Bias.Select((b, i) => b / Math.Max(greatest[i], 1e-6f))],
        };
    }

    private static float[] Features(Plane picture, ConvWeights filters, ActivationRanges? ranges)
    {
        var likeness = ScalarLayers.ConvRelu(picture, filters);
        var pooled = ScalarLayers.AveragePool(likeness, 2, 2);
        var mean = ScalarLayers.AveragePool(pooled, pooled.Height, pooled.Width).Values;
        float[] features = [.. mean, .. ScalarLayers.MaxPool(pooled, pooled.Height, pooled.Width).Values];
        ranges?.Observe("input", picture.Values);
        ranges?.Observe("likeness", likeness.Values);
        ranges?.Observe("pooled", pooled.Values);
        ranges?.Observe("mean", mean);
        ranges?.Observe("both", features);
        return features;
    }

    private static ModelProto Build(ConvWeights filters, RidgeHead head) => new GraphBuilder("sample_leaf")
        .Input("input", DataType.Float, -1, 3, InputSize, InputSize)
        .Constant(Tensors.Floats("filters", filters.Weights, Filters, 3, FilterSize, FilterSize))
        .Constant(Tensors.Floats("filters_bias", filters.Bias, Filters))
        .Constant(Tensors.Floats("head", head.Weights, 2 * Filters, head.Bias.Length))
        .Constant(Tensors.Floats("head_bias", head.Bias, head.Bias.Length))
        .Node("Conv", ["input", "filters", "filters_bias"], "filtered", Attributes.Of("strides", Stride, Stride))
        .Node("Relu", ["filtered"], "likeness")
        .Node("AveragePool", ["likeness"], "pooled", Attributes.Of("kernel_shape", 2, 2), Attributes.Of("strides", 2, 2))
        .Node("GlobalAveragePool", ["pooled"], "mean")
        .Node("MaxPool", ["pooled"], "greatest", Attributes.Of("kernel_shape", Maps, Maps))
        .Node("Concat", ["mean", "greatest"], "both", Attributes.Of("axis", 1L))
        .Node("Flatten", ["both"], "features")
        .Node("Gemm", ["features", "head", "head_bias"], "logits")
        .Output("logits", DataType.Float, -1, head.Bias.Length)
        .Model(TrainedModel.Opset, TrainedModel.Producer, "EdgeFleet sample: classifies drawn (simulated) leaves, not photos.");
}
