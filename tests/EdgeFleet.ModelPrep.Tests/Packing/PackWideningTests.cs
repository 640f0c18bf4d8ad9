using System.Text.Json;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.ModelPrep.Tests.Samples;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Packing;

/// <summary>What a package holds beside one variant: those for other hardware, advice, closest calls, and what its maker is told.</summary>
public sealed class PackWideningTests(SampleData data) : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_variant_for_TensorRT_stands_beside_those_for_CPUs_and_verifies_as_it_is_written()
    {
        var leaf = data.LeafRequest(_folder["out"], SampleData.Model("sample_leaf_int8.onnx"), SampleData.Model("sample_leaf_float.onnx"));
        var made = ModelQuantizer.Quantize(new QuantizeRequest
        {
            Float = leaf.Float, Out = _folder["trt.onnx"], Data = leaf.Data, Labels = leaf.Labels, Input = leaf.Input, Target = QuantizationTarget.TensorRt,
            Calibrators = [Calibrator.Mse], CalibrationSamples = 60, FeedsBack = false, Gate = new QuantizeGate(0.9, 0.05, 0.2),
        }, cancel: Cancel);
        Assert.IsType<QuantizeResult.Written>(made);

        var packed = Pack(leaf with { TensorRt = [_folder["trt.onnx"]] });

        Assert.Equal([("cpu-int8", "cpu"), ("cpu-fp32", "cpu"), ("tensorrt-int8", "tensorrt")], packed.Manifest.Variants.Select(v => (v.Name, v.Provider)));
        Assert.Equal(["cpu-int8", "cpu-fp32"], packed.Latency.Select(l => l.Variant));
        Assert.True(packed.Report.Variants[2].Splits["val"].Agreement >= 0.9, "It answers as written.");
        var verdict = PackageVerifier.Verify(_folder["out"], Cancel);
        Assert.True(verdict.Passed, verdict.Summary);
    }

    [Fact]
    public void Advice_goes_into_the_package_and_what_it_lacks_is_said()
    {
        File.WriteAllText(_folder["advice.json"], """
            {"source": "Extension office, leaflet 3", "languages": {
              "en": {"rust": {"name": "Leaf rust", "steps": ["Cut off the leaves.", "Burn them away from the plot."]}, "miner": {"steps": ["Look again in a week."]}},
              "fil": {"rust": {"name": "Kalawang ng dahon", "steps": ["Putulin ang mga dahon."]}}}}
            """);

        var packed = Pack(data.LeafRequest(_folder["out"]) with { Advice = _folder["advice.json"] });

        var manifest = ManifestReader.Read(File.ReadAllBytes(_folder["out", "manifest.json"]));
        var advice = JsonSerializer.Deserialize(File.ReadAllBytes(_folder["out", manifest.Advice!.Path]), WireJson.Default.AdviceTexts)!;
        Assert.Equal("Kalawang ng dahon", advice.Find("rust", "fil", "en")!.Name);
        Assert.Equal(["Look again in a week."], advice.Find("miner", "fil", "en")!.Steps);
        Assert.Null(advice.Find("phoma", "fil", "en"));
        Assert.Contains("The advice in 'fil' lacks miner.", packed.Warnings);
        Assert.DoesNotContain(manifest.Files, f => f.Path == "advice.json"); // Boards do not download it.
        Assert.Contains(manifest.AllFiles, f => f.Path == "advice.json");
        Assert.True(PackageVerifier.Verify(_folder["out"], Cancel).Passed);

        File.AppendAllText(_folder["out", "advice.json"], " ");
        Assert.Contains("advice.json has", PackageVerifier.Verify(_folder["out"], Cancel).Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"source": "x", "languages": {"en": {"blight": {"steps": ["a"]}}}}""", "'blight' in 'en' is no label; the labels are healthy, miner")]
    [InlineData("""{"source": " ", "languages": {"en": {"rust": {"steps": ["a"]}}}}""", "the source is missing")]
    [InlineData("""{"source": "x", "languages": {}}""", "it has 0 languages")]
    [InlineData("""{"source": "x", "languages": {"in English": {"rust": {"steps": ["a"]}}}}""", "'in English' is no language tag")]
    [InlineData("""{"source": "x", "languages": {"en": {"rust": {"steps": [" "]}}}}""", "a step of 'rust' in 'en' has 1 characters")]
    [InlineData("""{"languages": """, "cannot be read")]
    public void Advice_that_cannot_be_used_is_named(string json, string expected)
    {
        File.WriteAllText(_folder["advice.json"], json);

        var refused = Assert.Throws<PackException>(() => Pack(data.LeafRequest(_folder["out"]) with { Advice = _folder["advice.json"] }));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void Where_int8_is_not_faster_the_float_variant_is_recommended()
    {
        LatencyFigures slow = new("cpu-int8", 100, 1.2, 1.5, 0.98, 0.95, 1.02), plain = new("cpu-fp32", 100, 1.2, 1.5, 1, 0.97, 1.03);

        Assert.Contains("cpu-int8 is not faster than the float model here (0.98 times, 0.95 to 1.02)", PackAdvisor.Speed([slow], "leaf.onnx"), StringComparison.Ordinal);
        Assert.Contains("pack it too, by --onnx leaf.onnx", PackAdvisor.Speed([slow], "leaf.onnx"), StringComparison.Ordinal);
        Assert.DoesNotContain("pack it too", PackAdvisor.Speed([slow, plain], "leaf.onnx"), StringComparison.Ordinal);
        Assert.Null(PackAdvisor.Speed([slow, slow with { Variant = "cpu-int8-2", Ratio = 1.4 }], "leaf.onnx"));
        Assert.Null(PackAdvisor.Speed([plain], "leaf.onnx"));
    }

    [Fact]
    public void An_int8_file_of_another_float_file_is_noticed()
    {
        var other = OnnxFile.Read(SampleData.Model("sample_leaf_int8.onnx"));
        other.MetadataProps.Add(new StringStringEntryProto { Key = QuantizedLineage.Source, Value = new string('a', 64) });
        OnnxFile.Write(other, _folder["other.onnx"]);

        var packed = Pack(data.LeafRequest(_folder["out"], _folder["other.onnx"]));

        Assert.Contains(packed.Warnings, w => w.StartsWith("other.onnx says that it was quantized of another float file (aaaaaaaaaaaa...) than sample_leaf_float.onnx", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_every_class_the_closest_call_and_the_surest_are_golden()
    {
        var output = new OutputSpec { Tensor = "y", Activation = "softmax", Labels = ["a", "b"] };
        var samples = Enumerable.Range(0, 200).Select(i => new Answered(new LabelledFile($"{i}", $"{i}", i % 2, "val"), 0,
            [new ModelAnswer(new KeptAnswer { Outputs = [0, (i * 37 % 200) + 1] }, 1, 0.9f, 0.9, 0, 0)], 0)).ToList();

        var picked = GoldenPicker.Pick(samples, output, itemBytes: 10_000);

        Assert.Equal(64, picked.Count);
        foreach (var label in new[] { 0, 1 })
        {
            var margins = samples.Where(s => s.Label == label).Select(Margin).Order().ToList();
            var golden = picked.Where(s => s.Label == label).Select(Margin).ToList();
            Assert.Equal(32, golden.Count);
            Assert.Contains(margins[0], golden);
            Assert.Contains(margins[^1], golden);
        }

        static float Margin(Answered sample) => sample.Answers[0].Kept!.Outputs[1];
    }

    private static PackResult.Packed Pack(PackRequest request) => Assert.IsType<PackResult.Packed>(ModelPacker.Pack(request, cancel: Cancel));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
