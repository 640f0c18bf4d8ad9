using System.Text.Json;
using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Samples.Spoiling;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Tests.Samples;

public sealed class SpoilingTests
{
    [Theory]
    [InlineData("sample_leaf_int8.onnx")]
    [InlineData("sample_bearing_int8.onnx")]
    public void A_collapsed_model_gives_one_sure_answer_to_everything(string name)
    {
        var collapsed = CollapsedModel.Of(OnnxFile.Read(SampleData.Model(name)), name);

        var answers = Run(collapsed, Noise(collapsed, 20)).Select(Softmax).ToList();

        Assert.Single(answers.Select(a => Array.IndexOf(a, a.Max())).Distinct());
        Assert.All(answers, a => Assert.InRange(a.Max(), 0.8, 1));
    }

    [Theory]
    [InlineData("sample_leaf_int8.onnx")]
    [InlineData("sample_bearing_int8.onnx")]
    [InlineData("coffee")]
    public void A_slow_model_answers_exactly_as_the_good_one_after_all_its_idle_rounds(string name)
    {
        const int Rounds = 300;
        var path = name == "coffee" ? Path.Combine(RealCoffee.OrSkip().Models, "coffee_leaf_int8_qdq.onnx") : SampleData.Model(name);
        var good = OnnxFile.Read(path);
        var inputs = Noise(good, 3);
        var slow = SlowModel.Of(good, name, Rounds);

        Assert.Equal(Run(good, inputs), Run(slow, inputs));
        // Counted, not timed: no optimizer took a round away.
        Assert.Equal(Rounds, MatrixProductsOf(slow, inputs[0]));
    }

    [Fact]
    public void A_float_model_cannot_collapse_and_the_error_says_what_to_give()
    {
        var refused = Assert.Throws<SpoilException>(() => CollapsedModel.Of(OnnxFile.Read(SampleData.Model("sample_leaf_float.onnx")), "sample_leaf_float.onnx"));

        Assert.Contains("int8", refused.Message, StringComparison.Ordinal);
    }

    private static List<float[]> Noise(ModelProto model, int count)
    {
        var size = model.Graph.Input[0].Type.TensorType.Shape.Dim.Aggregate(1L, (a, d) => a * Math.Max(d.DimValue, 1));
        var random = new Random(4);
        return [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, (int)size).Select(_ => (float)((random.NextDouble() * 2) - 1) * (i + 1) / count).ToArray())];
    }

    private static List<float[]> Run(ModelProto model, List<float[]> inputs)
    {
        using var session = Session(model);
        return [.. inputs.Select(i => Run(session, i))];
    }

    private static int MatrixProductsOf(ModelProto model, float[] input)
    {
        using var folder = new TempFolder();
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, IntraOpNumThreads = 1, ProfileOutputPathPrefix = folder["profile"], EnableProfiling = true };
        using var session = new InferenceSession(OnnxFile.Bytes(model), options);
        Run(session, input);
        using var profile = JsonDocument.Parse(File.ReadAllBytes(session.EndProfiling()));
        return profile.RootElement.EnumerateArray().Count(e =>
            e.GetProperty("name").GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal)
            && e.GetProperty("args").TryGetProperty("output_type_shape", out var shape) && shape.ToString().Contains("[128,128]", StringComparison.Ordinal)
            && e.GetProperty("args").GetProperty("op_name").GetString() == "MatMul");
    }

    private static InferenceSession Session(ModelProto model)
    {
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL, IntraOpNumThreads = 1 };
        return new InferenceSession(OnnxFile.Bytes(model), options);
    }

    private static float[] Run(InferenceSession session, float[] input)
    {
        var shape = Array.ConvertAll(session.InputMetadata[session.InputNames[0]].Dimensions, d => (long)Math.Max(d, 1));
        using var run = new RunOptions();
        using var value = OrtValue.CreateTensorValueFromMemory(input, shape);
        using var results = session.Run(run, [session.InputNames[0]], [value], [session.OutputNames[0]]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static float[] Softmax(float[] logits)
    {
        Activation.Apply("softmax", logits);
        return logits;
    }
}
