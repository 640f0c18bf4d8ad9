using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;

namespace EdgeFleet.Samples.Training;

/// <summary>A sample model as it leaves its recipe, with the accuracy of its float form on its own simulated test split.</summary>
internal sealed record TrainedModel(string Name, ModelProto Float, ModelProto Int8, double TestAccuracy)
{
    /// <summary>The opset of every sample model.</summary>
    public const long Opset = 13;

    /// <summary>The producer named in every sample model.</summary>
    public const string Producer = "edgefleet-samples";

    /// <summary>Quantizes with the recipe's own ranges and gathers the result.</summary>
    public static TrainedModel Of(string name, ModelProto model, ActivationRanges ranges, double testAccuracy) =>
        new(name, model, StaticQuantizer.Quantize(model, ranges), testAccuracy);

    /// <summary>Writes <c>NAME_float.onnx</c> and <c>NAME_int8.onnx</c>.</summary>
    public void Write(string folder)
    {
        OnnxFile.Write(Float, Path.Combine(folder, $"{Name}_float.onnx"));
        OnnxFile.Write(Int8, Path.Combine(folder, $"{Name}_int8.onnx"));
    }

    /// <summary>The share of samples whose greatest logit is their class.</summary>
    public static double Accuracy(RidgeHead head, IReadOnlyList<(float[] Features, int Class)> samples) =>
        samples.Average(s => head.Logits(s.Features) is var l && Array.IndexOf(l, l.Max()) == s.Class ? 1.0 : 0.0);
}
