using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Packing;

/// <summary>The real photos and the three real models.</summary>
public sealed class CoffeeTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("coffee_leaf_float.onnx", 0.879)]
    [InlineData("coffee_leaf_int8_qdq.onnx", 0.863)]
    [InlineData("coffee_leaf_int8_collapsed.onnx", 0.200)]
    public void Real_models_score_on_real_test_photos_what_their_authors_measured(string model, double accuracy)
    {
        var (symptom, models) = RealCoffee.OrSkip();
        var specs = PackSpecs.For(Request(symptom, models, "unused", []));

        var found = ModelEvaluator.Evaluate(Path.Combine(models, model), LabelledData.Open(symptom, specs.Output.Labels), "test", specs.Input, specs.Output, Cancel);

        output.WriteLine($"{model}: {found.Accuracy:F3}, recall {string.Join(' ', found.Recall.Select(r => r.ToString("F2")))}");
        Assert.Equal(190, found.Samples);
        Assert.InRange(found.Accuracy, accuracy - 0.02, accuracy + 0.02);
    }

    [Fact]
    public void The_real_collapsed_model_is_refused_in_a_sentence_that_says_how_it_was_seen()
    {
        var (symptom, models) = RealCoffee.OrSkip();
        using var folder = new TempFolder();

        var result = ModelPacker.Pack(Request(symptom, models, folder["out"], ["coffee_leaf_int8_qdq.onnx", "coffee_leaf_int8_collapsed.onnx"]) with { AgreementMin = 0.9 }, cancel: Cancel);

        var reason = Assert.Single(Assert.IsType<PackResult.Refused>(result).Reasons);
        Assert.Contains("coffee_leaf_int8_collapsed.onnx answers", reason, StringComparison.Ordinal);
        Assert.Contains("190 validation photos", reason, StringComparison.Ordinal);
        Assert.EndsWith("it agrees with coffee_leaf_float.onnx on 38 (20.0 %), at least 90 % is asked.", reason, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void The_real_int8_model_packs_where_its_agreement_is_accepted_and_the_package_verifies()
    {
        var (symptom, models) = RealCoffee.OrSkip();
        using var folder = new TempFolder();

        var packed = Assert.IsType<PackResult.Packed>(
            ModelPacker.Pack(Request(symptom, models, folder["out"], ["coffee_leaf_int8_qdq.onnx"]) with { AgreementMin = 0.9 }, cancel: Cancel));
        var verdict = PackageVerifier.Verify(folder["out"], Cancel);

        output.WriteLine($"{packed.Report.Variants[0].Splits["val"].Agreement:F3} on validation; {verdict.Summary}");
        output.WriteLine($"{packed.Manifest.Lineage.Data}; {packed.Manifest.Budgets}; {packed.Latency[0]}; {packed.Manifest.Files.Sum(f => f.Size):N0} bytes");
        Assert.True(verdict.Passed, verdict.Summary);
    }

    [Fact]
    public void Our_quantizer_keeps_the_real_models_answers()
    {
        var (symptom, models) = RealCoffee.OrSkip();
        using var folder = new TempFolder();
        var specs = PackSpecs.For(Request(symptom, models, folder["out"], []));
        var data = LabelledData.Open(symptom, specs.Output.Labels);
        var samples = new SplitReader(ISampleReader.For(specs.Input)).Read([.. data.Of("train").Where((_, i) => i % 8 == 0)], Cancel).Select(s => s.Tensor);

        var int8 = StaticQuantizer.Quantize(OnnxFile.Read(Path.Combine(models, "coffee_leaf_float.onnx")), samples, [1, 3, 224, 224]);
        OnnxFile.Write(int8, folder["ours.onnx"]);

        var found = ModelEvaluator.Evaluate(folder["ours.onnx"], data, "test", specs.Input, specs.Output, Cancel);
        output.WriteLine($"our int8: {found.Accuracy:F3}");
        Assert.InRange(found.Accuracy, 0.84, 1);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static PackRequest Request(string symptom, string models, string target, string[] onnx) => new()
    {
        Onnx = [.. onnx.Select(o => Path.Combine(models, o))],
        Float = Path.Combine(models, "coffee_leaf_float.onnx"),
        Data = symptom,
        Task = ModelTask.ImageClassification,
        Labels = Path.Combine(models, "labels.txt"),
        Input = new PackInput { Layout = "NCHW", Width = 224, Height = 224, Scale = PackNumbers.Parse("--scale", "1/127.5"), Offset = [-1] },
        Name = "coffee-leaf",
        Version = "2.0.0",
        Out = target,
    };
}
