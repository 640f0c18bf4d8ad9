using EdgeFleet.Benchmarks.Quantize;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Models;
using Google.Protobuf;

namespace EdgeFleet.Benchmarks.Delta;

/// <summary>A step from one version of a file to the next.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Before">Bytes before.</param>
/// <param name="After">Bytes after.</param>
/// <param name="IsHead">True where only the last layer was changed.</param>
internal sealed record DeltaCase(string Name, byte[] Before, byte[] After, bool IsHead = false);

/// <summary>
/// The versions that follow one another in the field, made from the real models: a head that was trained again (its weights moved by half of their spread), the same weights calibrated
/// on other photos and by another calibrator, and all weights moved by a fiftieth of their spread, as a fine-tuning does; each in float and by our quantizer in int8.
/// </summary>
internal static class DeltaVariants
{
    private const double HeadSpread = 0.5;
    private const double BodySpread = 0.02;
    private const int Photos = 200;

    /// <summary>All cases.</summary>
    public static IReadOnlyList<DeltaCase> All(CancellationToken cancel)
    {
        var coffee = PhotoLab.Coffee();
        var backbone = PhotoLab.Backbone();
        return [.. Of("coffee", coffee, isSmallHead: true, cancel), .. Of("backbone", backbone, isSmallHead: false, cancel),
            new DeltaCase("backbone float to coffee float", File.ReadAllBytes(backbone.File), File.ReadAllBytes(coffee.File)),
            new DeltaCase("coffee int8, other hands' to ours", File.ReadAllBytes(PhotoLab.OtherInt8), Int8(coffee, OnnxFile.Read(coffee.File), "train", Calibrator.Percentile, cancel))];
    }

    private static IEnumerable<DeltaCase> Of(string name, PhotoLab lab, bool isSmallHead, CancellationToken cancel)
    {
        var bytes = File.ReadAllBytes(lab.File);
        var (model, head, body) = (OnnxFile.Read(lab.File), OnnxFile.Read(lab.File), OnnxFile.Read(lab.File));
        Move(head, HeadSpread, isHead: true);
        Move(body, BodySpread, isHead: false);
        var int8 = Int8(lab, model, "train", Calibrator.Percentile, cancel);

        yield return new DeltaCase($"{name} float, head", bytes, OnnxFile.Bytes(head), isSmallHead);
        yield return new DeltaCase($"{name} float, all weights", bytes, OnnxFile.Bytes(body));
        yield return new DeltaCase($"{name} int8, head", int8, Int8(lab, head, "train", Calibrator.Percentile, cancel), isSmallHead);
        yield return new DeltaCase($"{name} int8, other photos", int8, Int8(lab, model, "val", Calibrator.Percentile, cancel));
        yield return new DeltaCase($"{name} int8, other calibrator", int8, Int8(lab, model, "val", Calibrator.Mse, cancel));
        yield return new DeltaCase($"{name} int8, all weights", int8, Int8(lab, body, "train", Calibrator.Percentile, cancel));
    }

    // As the quantizer does it: calibration over photos, weights rounded with error feedback.
    private static byte[] Int8(PhotoLab lab, ModelProto source, string split, Calibrator calibrator, CancellationToken cancel)
    {
        var model = FloatModel.Prepare(source, "variant");
        var feed = SampleFeed.Of(lab.Specs.Input);
        using var samples = lab.Take(split, Photos, cancel);
        using var watch = new TensorWatch(model, new QdqPlan(model.Graph).Tensors, feed);
        var ranges = RangeChooser.Choose(HistogramCalibrator.Run(watch, samples, () => { }, cancel), calibrator, QuantizationTarget.Cpu);
        var factors = WeightFactorCollector.Run(model, new QdqPlan(model.Graph, new QdqChoices()).Layers, feed, samples, cancel);
        return OnnxFile.Bytes(StaticQuantizer.Quantize(model, ranges, new QdqChoices { Factors = factors, IsCompact = true }));
    }

    private static void Move(ModelProto model, double spread, bool isHead)
    {
        var layers = model.Graph.Node.Where(n => n.OpType is "Conv" or "Gemm" or "MatMul").ToList();
        var index = new GraphIndex(model.Graph);
        var random = new Random(17);
        foreach (var name in (isHead ? layers.TakeLast(1) : layers).SelectMany(n => n.Input.Skip(1)).Distinct())
        {
            if (index.Constant(name) is not { } tensor)
                continue;

            var values = Tensors.ToFloats(tensor);
            var deviation = Math.Sqrt(values.Sum(v => (double)v * v) / values.Length) * spread;
            tensor.FloatData.Clear();
            tensor.RawData = Tensors.Floats(name, Array.ConvertAll(values, v => v + (float)(deviation * Gaussian(random))), [.. tensor.Dims]).RawData;
        }
    }

    private static double Gaussian(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
