using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Quantization;

namespace EdgeFleet.ModelPrep.Tests.Quantization;

/// <summary>Networks of many forms, quantized by the same search, and judged on samples that nothing was chosen by.</summary>
public sealed class ArchitectureTests(ITestOutputHelper output)
{
    [Theory, MemberData(nameof(SmallNets.Names), MemberType = typeof(SmallNets))]
    public void Every_architecture_keeps_its_answers_and_every_int8_layer_fuses(string name)
    {
        using var trial = new NetTrial(name, SmallNets.Model(name));

        var (test, fusion) = (trial.OnTest, trial.Fusion);
        output.WriteLine($"{name}: float {trial.FloatOnTest.Accuracy:P1}, int8 {test.Accuracy:P1}, agreement {test.Agreement:P1}, {trial.Form.Report}; fused {fusion.Fused}/{fusion.Asked}, float {trial.Form.Choices.Float.Count}");
        Assert.InRange(trial.FloatOnTest.Accuracy!.Value, 0.8, 1);
        Assert.Null(trial.Fault);
        Assert.InRange(test.Agreement, 0.97, 1);
        Assert.Equal(fusion.Asked, fusion.Fused);
        Assert.InRange(fusion.Asked, 2, 20);
    }

    [Theory]
    [InlineData("relu")]
    [InlineData("residual")]
    [InlineData("hard-swish")]
    public void The_symmetric_form_for_TensorRT_keeps_the_answers_too(string name)
    {
        using var trial = new NetTrial(name, SmallNets.Model(name), r => r with { Target = QuantizationTarget.TensorRt });

        var nodes = OnnxFile.Parse(trial.Form.Bytes, name).Graph;
        Assert.Null(trial.Fault);
        Assert.InRange(trial.OnTest.Agreement, 0.97, 1);
        Assert.DoesNotContain(nodes.Initializer, t => t.DataType == (int)TensorProto.Types.DataType.Uint8);
        Assert.DoesNotContain(nodes.Node.Where(n => n.OpType is "Conv" or "Gemm").Select(n => n.Input.ElementAtOrDefault(2)), b => b?.EndsWith("_dequantized", StringComparison.Ordinal) == true);
        Assert.Equal(name == "hard-swish" ? 1 : SmallNets.Model(name).Graph.Node.Count(n => n.OpType == "Relu"), nodes.Node.Count(n => n.OpType == "Relu"));
    }

    [Theory]
    [InlineData("relu", 1, 3000f)]
    [InlineData("leaky", 1, 3000f)]
    [InlineData("relu", 0, 1000f)]
    [InlineData("residual", 0, 30000f)]
    public void A_model_made_hard_on_purpose_comes_out_as_the_unspoilt_one_and_the_tensor_is_named(string name, int onlyChannel, float factor)
    {
        using var plain = new NetTrial(name, SmallNets.Model(name));
        using var spoilt = new NetTrial(name, Spoilt(SmallNets.Model(name), onlyChannel == 1, factor));

        output.WriteLine($"plain {plain.OnTest.Accuracy:P1}, spoilt {spoilt.OnTest.Accuracy:P1}; all in int8: {spoilt.Score(spoilt.Made[0].Bytes).Accuracy:P1}; float: {string.Join(", ", spoilt.Form.Choices.Float)}");
        Assert.Null(spoilt.Fault);
        Assert.InRange(spoilt.OnTest.Accuracy!.Value, plain.OnTest.Accuracy!.Value - 0.015, 1);
        Assert.Equal("wild", spoilt.Ranking[0].Name);
        Assert.Contains("wild", spoilt.Form.Choices.Float);
        Assert.Equal(spoilt.Fusion.Asked, spoilt.Fusion.Fused);
    }

    [Fact]
    public void The_same_model_and_samples_give_the_same_bytes()
    {
        using var first = new NetTrial("hard-swish", SmallNets.Model("hard-swish"));
        using var second = new NetTrial("hard-swish", SmallNets.Model("hard-swish"));

        Assert.Equal(first.Form.Bytes, second.Form.Bytes);
    }

    // The first activation, channel by channel times a factor that the weights behind it take back: the same function, with a range that eight bits cannot hold.
    private static ModelProto Spoilt(ModelProto model, bool onlyOne, float factor)
    {
        var graph = model.Graph;
        var readers = graph.Node.Where(n => n.Input.Contains("a1")).ToList();
        const int Channels = 16;
        float[] factors = [.. Enumerable.Range(0, Channels).Select(c => onlyOne ? (c == 3 ? factor : 1f) : MathF.Pow(factor, (float)c / (Channels - 1)))];
        graph.Initializer.Add(Tensors.Floats("factors", factors, 1, Channels, 1, 1));
        graph.Initializer.Add(Tensors.Floats("inverse", [.. factors.Select(f => 1 / f)], 1, Channels, 1, 1));
        var at = graph.Node.ToList().FindIndex(n => n.Output[0] == "a1") + 1;
        graph.Node.Insert(at, GraphBuilder.NewNode("Mul", ["a1", "factors"], "wild"));

        var back = false;
        foreach (var reader in readers)
        {
            var weights = reader.OpType == "Conv" ? graph.Initializer.First(t => t.Name == reader.Input[1]) : null;
            for (var i = 0; i < reader.Input.Count; i++)
                if (reader.Input[i] == "a1") reader.Input[i] = weights is null ? "tamed" : "wild";
            if (weights is null) back = true;
            else Divide(weights, factors);
        }

        if (back) graph.Node.Insert(at + 1, GraphBuilder.NewNode("Mul", ["wild", "inverse"], "tamed"));
        return model;
    }

    private static void Divide(TensorProto weights, float[] factors)
    {
        var values = Tensors.ToFloats(weights);
        var isDepthwise = weights.Dims[1] == 1;
        var inner = (int)(weights.Dims[2] * weights.Dims[3]);
        for (var i = 0; i < values.Length; i++) values[i] /= factors[isDepthwise ? i / inner : i / inner % factors.Length];
        weights.RawData = Tensors.Floats("w", values, [.. weights.Dims]).RawData;
    }
}
