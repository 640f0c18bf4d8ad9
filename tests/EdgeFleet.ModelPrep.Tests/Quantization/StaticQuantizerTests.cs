using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;
using EdgeFleet.Testing;
using Microsoft.ML.OnnxRuntime;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Quantization;

public sealed class StaticQuantizerTests
{
    private static readonly long[] Shape = [1, 3, 16, 16];

    [Fact]
    public void Int8_answers_stay_close_to_float_and_every_convolution_fuses()
    {
        var model = Residual();
        var int8 = StaticQuantizer.Quantize(model, Samples(16), Shape);

        Assert.InRange(SqnrDb(model, int8), 25, 100);
        var fused = Optimized(int8);
        Assert.Equal(3, fused.Count(n => n.OpType == "QLinearConv"));
        Assert.Single(fused, n => n.OpType == "QGemm");
        Assert.DoesNotContain(fused, n => n.OpType is "Conv" or "Relu" or "Clip");
    }

    [Fact]
    public void Relu_and_clip_disappear_into_the_range_of_the_node_before()
    {
        var int8 = StaticQuantizer.Quantize(Residual(), Samples(4), Shape);

        Assert.DoesNotContain(int8.Graph.Node, n => n.OpType is "Relu" or "Clip");
        Assert.Equal(new[] { "input" }, int8.Graph.Input.Select(i => i.Name));
        Assert.Equal(new[] { "output" }, int8.Graph.Output.Select(o => o.Name));
    }

    [Fact]
    public void A_clip_that_shuts_out_zero_is_kept()
    {
        var model = Chain(g => g
            .Constant(Tensors.Floats("low", [0.5f])).Constant(Tensors.Floats("high", [3f]))
            .Node("Clip", ["hidden", "low", "high"], "clipped"), "clipped");
        var int8 = StaticQuantizer.Quantize(model, Samples(8), Shape);

        Assert.Single(int8.Graph.Node, n => n.OpType == "Clip");
        Assert.InRange(SqnrDb(model, int8), 20, 100);
    }

    [Fact]
    public void A_tensor_that_is_read_elsewhere_keeps_its_values_before_the_relu()
    {
        var model = Chain(g => g.Node("Relu", ["hidden"], "positive").Node("Neg", ["hidden"], "negated").Node("Add", ["positive", "negated"], "sum"), "sum");
        var int8 = StaticQuantizer.Quantize(model, Samples(8), Shape);

        Assert.Single(int8.Graph.Node, n => n.OpType == "Relu");
        Assert.InRange(SqnrDb(model, int8), 20, 100);
    }

    [Fact]
    public void The_same_model_and_samples_give_the_same_bytes() => Assert.Equal(
        OnnxFile.Bytes(StaticQuantizer.Quantize(Residual(), Samples(4), Shape)),
        OnnxFile.Bytes(StaticQuantizer.Quantize(Residual(), Samples(4), Shape)));

    [Fact]
    public void An_old_opset_no_samples_and_nothing_to_quantize_are_said()
    {
        var old = Residual();
        old.OpsetImport[0].Version = 12;
        var plain = new GraphBuilder("plain").Input("input", DataType.Float, 1, 3, 16, 16).Node("Relu", ["input"], "output")
            .Output("output", DataType.Float, 1, 3, 16, 16).Model(13, "test", "");

        Assert.Contains("opset 12", Assert.Throws<QuantizationException>(() => StaticQuantizer.Quantize(old, new ActivationRanges())).Message, StringComparison.Ordinal);
        Assert.Contains("empty", Assert.Throws<QuantizationException>(() => StaticQuantizer.Quantize(Residual(), [], Shape)).Message, StringComparison.Ordinal);
        Assert.Contains("nothing can", Assert.Throws<QuantizationException>(() => StaticQuantizer.Quantize(plain, Samples(1), Shape)).Message, StringComparison.Ordinal);
    }

    // Convolutions with Relu and Clip, a residual Add, pools, Flatten and Gemm.
    private static ModelProto Residual() => new GraphBuilder("residual")
        .Input("input", DataType.Float, 1, 3, 16, 16)
        .Constant(Weights("w1", 1, 8, 3, 3, 3)).Constant(Weights("b1", 2, 8))
        .Constant(Weights("w2", 3, 8, 1, 3, 3)).Constant(Weights("b2", 4, 8))
        .Constant(Weights("w3", 5, 8, 8, 1, 1))
        .Constant(Weights("w4", 6, 8, 5)).Constant(Weights("b4", 7, 5))
        .Constant(Tensors.Floats("zero", [0f])).Constant(Tensors.Floats("six", [6f]))
        .Node("Conv", ["input", "w1", "b1"], "c1", Attributes.Of("pads", 1, 1, 1, 1), Attributes.Of("strides", 2, 2))
        .Node("Relu", ["c1"], "r1")
        .Node("Conv", ["r1", "w2", "b2"], "c2", Attributes.Of("pads", 1, 1, 1, 1), Attributes.Of("group", 8L))
        .Node("Clip", ["c2", "zero", "six"], "r2")
        .Node("Conv", ["r2", "w3"], "c3")
        .Node("Add", ["r1", "c3"], "sum")
        .Node("MaxPool", ["sum"], "pooled", Attributes.Of("kernel_shape", 2, 2), Attributes.Of("strides", 2, 2))
        .Node("GlobalAveragePool", ["pooled"], "mean")
        .Node("Flatten", ["mean"], "flat")
        .Node("Gemm", ["flat", "w4", "b4"], "output")
        .Output("output", DataType.Float, 1, 5)
        .Model(13, "test", "");

    private static ModelProto Chain(Func<GraphBuilder, GraphBuilder> middle, string last) => middle(new GraphBuilder("chain")
            .Input("input", DataType.Float, 1, 3, 16, 16)
            .Constant(Weights("w1", 1, 4, 3, 3, 3)).Constant(Weights("b1", 2, 4)).Constant(Weights("w2", 3, 4, 4, 3, 3))
            .Node("Conv", ["input", "w1", "b1"], "hidden"))
        .Node("Conv", [last, "w2"], "output")
        .Output("output", DataType.Float, 1, 4, 12, 12)
        .Model(13, "test", "");

    private static TensorProto Weights(string name, int seed, params long[] dims)
    {
        var random = new Random(seed);
        var values = new float[dims.Aggregate(1L, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(random.NextDouble() - 0.4);
        return Tensors.Floats(name, values, dims);
    }

    private static IEnumerable<float[]> Samples(int count)
    {
        var random = new Random(9);
        for (var s = 0; s < count; s++)
        {
            var level = random.NextDouble();
            yield return [.. Enumerable.Range(0, 3 * 16 * 16).Select(_ => (float)((random.NextDouble() * 2) - 1 + level))];
        }
    }

    private static double SqnrDb(ModelProto model, ModelProto int8)
    {
        double signal = 0, noise = 0;
        foreach (var sample in Samples(12))
        {
            float[] wanted = Run(model, sample), got = Run(int8, sample);
            signal += wanted.Sum(v => (double)v * v);
            noise += wanted.Zip(got, (a, b) => (double)(a - b) * (a - b)).Sum();
        }

        return 10 * Math.Log10(signal / noise);
    }

    private static float[] Run(ModelProto model, float[] sample)
    {
        using var session = new InferenceSession(OnnxFile.Bytes(model));
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(sample, Shape);
        using var results = session.Run(run, ["input"], [input], ["output"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static List<NodeProto> Optimized(ModelProto model)
    {
        using var folder = new TempFolder();
        using var options = new SessionOptions { OptimizedModelFilePath = folder["optimized.onnx"], LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using (new InferenceSession(OnnxFile.Bytes(model), options)) return [.. OnnxFile.Read(folder["optimized.onnx"]).Graph.Node];
    }
}
