using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Shared.Models;

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
        var (symptom, models) = Repository.CoffeeOrSkip();
        var specs = PackSpecs.For(Request(symptom, models, "unused", []));

        var found = ModelEvaluator.Evaluate(Path.Combine(models, model), LabelledData.Open(symptom, specs.Output.Labels), "test", specs.Input, specs.Output, Cancel);

        output.WriteLine($"{model}: {found.Accuracy:F3}, recall {string.Join(' ', found.Recall.Select(r => r.ToString("F2")))}");
        Assert.Equal(190, found.Samples);
        Assert.InRange(found.Accuracy, accuracy - 0.02, accuracy + 0.02);
    }

    [Fact]
    public void The_real_collapsed_model_is_refused_in_a_sentence_that_says_how_it_was_seen()
    {
        var (symptom, models) = Repository.CoffeeOrSkip();
        using var folder = new TemporaryFolder();

        var result = ModelPacker.Pack(Request(symptom, models, folder["out"], ["coffee_leaf_int8_qdq.onnx", "coffee_leaf_int8_collapsed.onnx"]) with { AgreementMin = 0.9 }, cancel: Cancel);

        foreach (var v in result.Report.Variants) output.WriteLine($"{v.Name} val {v.Splits["val"].Agreement:F3} test {v.Splits["test"].Agreement:F3} sqnr {v.SqnrDb} {v.Refused}");
        var reason = Assert.Single(Assert.IsType<PackResult.Refused>(result).Reasons);
        Assert.Contains("coffee_leaf_int8_collapsed.onnx answers", reason, StringComparison.Ordinal);
        Assert.Contains("190 validation photos", reason, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public void Our_quantizer_keeps_the_real_models_answers()
    {
        var (symptom, models) = Repository.CoffeeOrSkip();
        using var folder = new TemporaryFolder();
        var specs = PackSpecs.For(Request(symptom, models, folder["out"], []));
        var data = LabelledData.Open(symptom, specs.Output.Labels);
        var samples = new SplitReader(ISampleReader.For(specs.Input)).Read([.. data.Of("train").Where((_, i) => i % 4 == 0)], Cancel).Select(s => s.Tensor);

        var int8 = StaticQuantizer.Quantize(OnnxFile.Read(Path.Combine(models, "coffee_leaf_float.onnx")), samples, [1, 3, 224, 224]);
        OnnxFile.Write(int8, folder["ours.onnx"]);

        var result = ModelPacker.Pack(Request(symptom, models, folder["out"], []) with { Onnx = [folder["ours.onnx"]], AgreementMin = 0 }, cancel: Cancel);
        foreach (var v in result.Report.Variants) output.WriteLine($"ours: accuracy {v.Splits["test"].Accuracy:F3} agreement val {v.Splits["val"].Agreement:F3} test {v.Splits["test"].Agreement:F3} sqnr {v.SqnrDb} size {v.Size}");
        Assert.InRange(result.Report.Variants[0].Splits["test"].Accuracy, 0.84, 1);
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
