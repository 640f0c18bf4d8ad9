using EdgeFleet.ModelPrep.Onnx;
using Microsoft.ML.OnnxRuntime;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Onnx;

/// <summary>Every rewrite is run by ONNX Runtime before and after.</summary>
public sealed class OpsetUpgradeTests
{
    private static readonly float[] Sample = [.. Enumerable.Range(0, 2 * 3 * 4 * 4).Select(i => (float)Math.Sin(i * 1.7) * 3)];

    public static TheoryData<string, long> Cases => new()
    {
        { "Clip", 7 }, { "Clip", 10 }, { "Pad", 9 }, { "Slice", 9 }, { "Squeeze", 11 }, { "ReduceSum", 12 }, { "Split", 11 }, { "Dropout", 10 }, { "TopK", 9 },
        { "Softmax", 12 }, { "LogSoftmax", 9 }, { "Upsample", 7 }, { "Upsample", 9 }, { "Resize", 10 }, { "BatchNormalization", 8 },
    };

    [Theory, MemberData(nameof(Cases))]
    public void An_old_operator_says_the_same_in_opset_13(string operation, long opset)
    {
        var old = Model(operation, opset);
        var upgraded = OpsetUpgrade.Apply(old, "old.onnx");

        Assert.Equal(13, OpsetUpgrade.Of(upgraded));
        Assert.Equal(opset, OpsetUpgrade.Of(old));
        Assert.Equal(Run(old), Run(upgraded));
    }

    [Fact]
    public void What_cannot_be_said_is_named()
    {
        var ancient = Model("Clip", 6);
        var masked = Model("Dropout", 10);
        masked.Graph.Node[0].Output.Add("mask");

        Assert.Contains("opset 6", Assert.Throws<OnnxFileException>(() => OpsetUpgrade.Apply(ancient, "m")).Message, StringComparison.Ordinal);
        Assert.Contains("Dropout", Assert.Throws<OnnxFileException>(() => OpsetUpgrade.Apply(masked, "m")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_today_stays_as_it_is()
    {
        var today = Model("Softmax", 17);

        Assert.Same(today, OpsetUpgrade.Apply(today, "m"));
    }

    private static ModelProto Model(string operation, long opset)
    {
        var graph = new GraphBuilder("old").Input("x", DataType.Float, 2, 3, 4, 4);
        AttributeProto floats = new() { Name = "scales", Floats = { 1, 1, 2, 2 }, Type = AttributeProto.Types.AttributeType.Floats };
        graph = operation switch
        {
            "Clip" => graph.Node("Clip", ["x"], "y", Attributes.Of("min", -1f), Attributes.Of("max", 2f)),
            "Pad" => graph.Node("Pad", ["x"], "y", Attributes.Of("pads", 0, 0, 1, 1, 0, 0, 2, 1), Attributes.Of("value", 0.5f)),
            "Slice" => graph.Node("Slice", ["x"], "y", Attributes.Of("starts", 1, 0), Attributes.Of("ends", 3, 2), Attributes.Of("axes", 2, 3)),
            "Squeeze" => graph.Node("Unsqueeze", ["x"], "wide", Attributes.Of("axes", [0L])).Node("Squeeze", ["wide"], "y", Attributes.Of("axes", [0L])),
            "ReduceSum" => graph.Node("ReduceSum", ["x"], "y", Attributes.Of("axes", 2, 3), Attributes.Of("keepdims", 0L)),
            "Split" => Split(graph),
            "Dropout" => graph.Node("Dropout", ["x"], "y", Attributes.Of("ratio", 0.4f)),
            "TopK" => TopK(graph),
            "Softmax" or "LogSoftmax" => graph.Node(operation, ["x"], "y"),
            "Upsample" when opset < 9 => graph.Node("Upsample", ["x"], "y", Attributes.Of("mode", "nearest"), floats),
            "Upsample" => graph.Constant(Tensors.Floats("s", [1, 1, 2, 3], 4)).Node("Upsample", ["x", "s"], "y", Attributes.Of("mode", "linear")),
            "Resize" => graph.Constant(Tensors.Floats("s", [1, 1, 2, 2], 4)).Node("Resize", ["x", "s"], "y", Attributes.Of("mode", "nearest")),
            _ => graph.Constant(Tensors.Floats("g", [1, 2, 3], 3)).Constant(Tensors.Floats("b", [0, 1, 2], 3)).Constant(Tensors.Floats("m", [0.5f, 0, -1], 3))
                .Constant(Tensors.Floats("v", [1, 4, 9], 3)).Node("BatchNormalization", ["x", "g", "b", "m", "v"], "y"),
        };
        var model = graph.Model(opset, "test", "");
        model.IrVersion = 4;
        // Only the type: the shape is the operator's.
        model.Graph.Output.Add(new ValueInfoProto { Name = "y", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } } });
        return model;
    }

    private static GraphBuilder Split(GraphBuilder graph)
    {
        var node = GraphBuilder.NewNode("Split", ["x"], "y", Attributes.Of("axis", 1L), Attributes.Of("split", 1, 2));
        node.Output.Add("rest");
        graph.Graph().Node.Add(node);
        return graph;
    }

    private static GraphBuilder TopK(GraphBuilder graph)
    {
        var node = GraphBuilder.NewNode("TopK", ["x"], "y", Attributes.Of("axis", 3L), Attributes.Of("k", 2L));
        node.Output.Add("where");
        graph.Graph().Node.Add(node);
        return graph;
    }

    private static float[] Run(ModelProto model)
    {
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
        using var session = new InferenceSession(OnnxFile.Bytes(model), options);
        using var run = new RunOptions();
        using var input = OrtValue.CreateTensorValueFromMemory(Sample, [2, 3, 4, 4]);
        using var results = session.Run(run, ["x"], [input], ["y"]);
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
