using System.Text.Json;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Samples.Spoiling;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Packing;

public sealed class TaskPackingTests(SampleData data) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_package_of_a_detector_is_whole_and_verifies()
    {
        var packed = Pack(data.SpotRequest(_folder["out"]));

        var (golden, reference) = (Golden(), Reference());
        Assert.Equal(169, packed.Manifest.Output.Boxes!.Candidates);
        Assert.Equal(["red", "blue"], packed.Manifest.Alerts.Select(a => a.Label));
        Assert.InRange(packed.Report.Variants[0].Splits["val"].MeanAveragePrecision!.Value, 0.95, 1);
        Assert.InRange(packed.Report.Variants[0].Splits["val"].Agreement, 0.95, 1);
        Assert.Contains(golden.Items, i => i.Boxes.Count > 1);
        Assert.Contains(golden.Items, i => i.Boxes.Count == 0);
        Assert.All(golden.Items, i => Assert.Empty(i.Expected));
        Assert.Equal(2, reference.Outputs.Count);
        Assert.Equal(42, reference.Confidence.Counts.Sum());
        Assert.Empty(reference.Calibration);
        AssertVerifies();
    }

    [Fact]
    public void A_detector_is_packed_from_images_that_nobody_has_labelled()
    {
        var bare = Directory.CreateDirectory(_folder["bare"]).FullName;
        foreach (var photo in Directory.GetFiles(Path.Combine(data.Spots, "val"), "*.jpg")) File.Copy(photo, Path.Combine(bare, Path.GetFileName(photo)));

        var packed = Pack(data.SpotRequest(_folder["out"]) with { Data = bare });

        Assert.False(packed.Report.Float["val"].IsLabelled);
        Assert.Null(packed.Report.Float["val"].MeanAveragePrecision);
        Assert.Equal(1, packed.Report.Variants[0].Splits["val"].Agreement, 1);
        Assert.Contains(packed.Warnings, w => w.StartsWith("Nobody has said", StringComparison.Ordinal));
        AssertVerifies();
    }

    [Fact]
    public void A_package_of_an_anomaly_score_finds_its_threshold_and_verifies()
    {
        var packed = Pack(data.HumRequest(_folder["out"]));

        var score = packed.Manifest.Output.Score!;
        Assert.InRange(score.Threshold, 0.01, 0.12);
        Assert.InRange(score.Spread, 1e-5, 1e-3);
        Assert.True(score.ThresholdLow < score.Threshold && score.Threshold < score.ThresholdHigh);
        Assert.Equal(1, packed.Report.Variants[0].Splits["test"].Accuracy, 1);
        Assert.Equal("score", Reference().Confidence.Name);
        Assert.NotNull(Golden().Tensors);
        Assert.Equal(2, Golden().Items.Select(i => i.Score >= score.Threshold).Distinct().Count());
        AssertVerifies();
    }

    [Fact]
    public void A_broken_variant_of_either_is_refused_by_the_packer_and_by_the_verifier()
    {
        foreach (var (request, name, words) in new[]
        {
            (data.SpotRequest(_folder["spots"], Misscaled("sample_spots_int8.onnx")), "spots", "finds nothing in any item"),
            (data.HumRequest(_folder["hum"], Misscaled("sample_hum_int8.onnx")), "hum", "side of the threshold"),
        })
        {
            Assert.Single(Assert.IsType<PackResult.Refused>(ModelPacker.Pack(request, cancel: Cancel)).Reasons);

            Pack(request with { AllowUnproven = true });
            var verdict = PackageVerifier.Verify(_folder[name], Cancel);
            Assert.True(verdict.Sound, verdict.Summary);
            Assert.False(verdict.Passed);
            Assert.Contains(words, verdict.Summary, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_model_with_a_second_input_is_packed_with_its_values()
    {
        var twoInputs = OnnxFile.Read(SampleData.Model("sample_hum_float.onnx"));
        twoInputs.Graph.Input.Add(GraphBuilder.ValueInfo("place", DataType.Float, -1, 1));
        twoInputs.Graph.Node.Single(n => n.OpType == "Reshape").Input[0] = "louder";
        twoInputs.Graph.Node.Insert(twoInputs.Graph.Node.Count - 1, GraphBuilder.NewNode("Mul", ["restored", "place"], "louder"));
        OnnxFile.Write(twoInputs, _folder["two.onnx"]);
        var values = new ValuesInput { Tensor = "place", Names = ["gain"], Default = [2], Scale = [0.5f], Offset = [0] };

        var packed = Pack(data.HumRequest(_folder["out"], _folder["two.onnx"]) with { Float = _folder["two.onnx"], Values = [values] });

        Assert.Equal("gain", Assert.Single(Assert.Single(packed.Manifest.Input.Values).Names));
        Assert.Equal(1, packed.Report.Float["test"].Accuracy, 1);
        AssertVerifies();
        using (var session = ModelSession.Load(_folder["two.onnx"], packed.Manifest.Input, packed.Manifest.Output))
        using (var run = new Microsoft.ML.OnnxRuntime.RunOptions())
        {
            session.Input.Fill(1);
            session.Input[1] = 5;
            session.Run(run);
            float[] byDefault = [.. session.Output];
            session.Place(new Dictionary<string, float> { ["gain"] = 6, ["unknown"] = 1 });
            session.Run(run);
            Assert.Equal(byDefault.Select(v => 3 * v), session.Output.ToArray());
        }

        Assert.Contains("name the others as values", Assert.Throws<PackException>(() => Pack(data.HumRequest(_folder["other"], _folder["two.onnx"]) with { Float = _folder["two.onnx"] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_the_task_is_named()
    {
        var (spots, hum) = (data.SpotRequest(_folder["out"]), data.HumRequest(_folder["out"]));
        var scribbled = Directory.CreateDirectory(_folder["scribbled", "val"]).FullName;
        File.Copy(Directory.GetFiles(Path.Combine(data.Spots, "val"), "*.jpg")[0], Path.Combine(scribbled, "a.jpg"));
        File.WriteAllText(Path.Combine(scribbled, "a.txt"), "0 0.5 0.5 0.2 0.2\n2 0.5 0.5 0.2 0.2\n");

        AssertRefused("a.txt line 2 is no box", spots with { Data = _folder["scribbled"] });
        AssertRefused("does not fit what is said", spots with { Boxes = null });
        AssertRefused("not 100", spots with { Boxes = spots.Boxes! with { Candidates = 100 } });
        AssertRefused("has no output 'nms'", spots with { Boxes = spots.Boxes! with { Tensor = "nms" } });
        AssertRefused("in 'detections'", spots with { Boxes = spots.Boxes! with { Objectness = true } });
        AssertRefused("one class only", hum with { Data = NormalOnly() });
        AssertRefused("is not scalar", hum with { Score = new PackScore { Kind = "distance" } });
        Assert.False(Directory.Exists(_folder["out"]));
    }

    private static void AssertRefused(string expected, PackRequest request) =>
        Assert.Contains(expected, Assert.Throws<PackException>(() => ModelPacker.Pack(request, cancel: Cancel)).Message, StringComparison.Ordinal);

    private static PackResult.Packed Pack(PackRequest request) => Assert.IsType<PackResult.Packed>(ModelPacker.Pack(request, cancel: Cancel));

    private void AssertVerifies()
    {
        var verdict = PackageVerifier.Verify(_folder["out"], Cancel);
        Assert.True(verdict.Passed, verdict.Summary);
    }

    private GoldenSet Golden() => JsonSerializer.Deserialize(File.ReadAllBytes(_folder["out", "golden/golden.json"]), WireJson.Default.GoldenSet)!;

    private Reference Reference() => JsonSerializer.Deserialize(File.ReadAllBytes(_folder["out", "reference.json"]), WireJson.Default.Reference)!;

    private string Misscaled(string good)
    {
        OnnxFile.Write(MisscaledModel.Of(OnnxFile.Read(SampleData.Model(good)), good), _folder[$"bad_{good}"]);
        return _folder[$"bad_{good}"];
    }

    private string NormalOnly()
    {
        var place = Directory.CreateDirectory(_folder["normal-only", "val", "normal"]).FullName;
        File.Copy(Directory.GetFiles(Path.Combine(data.Hum, "val", "normal"))[0], Path.Combine(place, "a.csv"));
        return _folder["normal-only"];
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
