using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Samples.Spoiling;
using EdgeFleet.Samples.Training;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;

namespace EdgeFleet.ModelPrep.Tests.Samples;

public sealed class RecipeTests(SampleData data, ITestOutputHelper output)
{
    [Fact]
    public void The_leaf_recipe_gives_the_committed_bytes() => AssertCommitted(LeafRecipe.Train());

    [Fact]
    public void The_bearing_recipe_gives_the_committed_bytes() => AssertCommitted(BearingRecipe.Train());

    [Fact]
    public void The_recipe_of_the_detector_gives_the_committed_bytes() => AssertCommitted(SpotRecipe.Train(), withBroken: true);

    [Fact]
    public void The_recipe_of_the_autoencoder_gives_the_committed_bytes() => AssertCommitted(HumRecipe.Train(), withBroken: true);

    [Theory]
    [InlineData("leaf")]
    [InlineData("bearing")]
    public void Sample_models_answer_well_and_int8_agrees_with_float(string which)
    {
        using var folder = new TempFolder();
        var request = which == "leaf" ? data.LeafRequest(folder["out"]) : data.BearingRequest(folder["out"]);

        var report = ModelPacker.Pack(request with { AgreementMin = 0, AccuracyLossMax = 1, Budgets = new Budgets { P95LatencyMs = 100, MemoryMb = 128 } }, cancel: TestContext.Current.CancellationToken).Report;

        var int8 = report.Variants[0];
        output.WriteLine($"{which}: float val {report.Float["val"].Accuracy:F3} test {report.Float["test"].Accuracy:F3}; int8 test {int8.Splits["test"].Accuracy:F3}, agreement val {int8.Splits["val"].Agreement:F3}, {int8.SqnrDb} dB");
        Assert.InRange(report.Float["test"].Accuracy, 0.9, 1);
        Assert.InRange(int8.Splits["test"].Accuracy, 0.9, 1);
        Assert.InRange(int8.Splits["val"].Agreement, 0.97, 1);
    }

    private static void AssertCommitted(TrainedModel trained, bool withBroken = false)
    {
        Assert.Equal(File.ReadAllBytes(SampleData.Model($"{trained.Name}_float.onnx")), OnnxFile.Bytes(trained.Float));
        Assert.Equal(File.ReadAllBytes(SampleData.Model($"{trained.Name}_int8.onnx")), OnnxFile.Bytes(trained.Int8));
        if (withBroken)
            Assert.Equal(File.ReadAllBytes(SampleData.Model($"{trained.Name}_broken.onnx")), OnnxFile.Bytes(MisscaledModel.Of(trained.Int8, trained.Name)));
    }
}
