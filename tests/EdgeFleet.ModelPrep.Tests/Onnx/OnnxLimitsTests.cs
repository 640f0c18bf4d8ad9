using EdgeFleet.ModelPrep.Onnx;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Onnx;

public sealed class OnnxLimitsTests
{
    [Fact]
    public void Weights_without_data_are_missing_and_named()
    {
        var refused = Refused(m => m.Graph.Initializer[0].ClearRawData());

        Assert.Contains("no data for the weights 'one'", refused, StringComparison.Ordinal);
        Assert.Contains("missing", refused, StringComparison.Ordinal);
    }

    [Fact]
    public void A_shape_that_asks_for_more_than_is_there_or_more_than_memory_is_refused()
    {
        Assert.Contains("asks for 3", Refused(m => m.Graph.Initializer[0].Dims[0] = 3), StringComparison.Ordinal);
        Assert.Contains("more than", Refused(m => m.Graph.Initializer[0].Dims.Add([long.MaxValue, long.MaxValue])), StringComparison.Ordinal);
        Assert.Contains("negative", Refused(m => m.Graph.Initializer[0].Dims.Add(-1)), StringComparison.Ordinal);
        Assert.Contains("dimensions", Refused(m => m.Graph.Initializer[0].Dims.Add(Enumerable.Repeat(1L, 20))), StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_nodes_have_an_end()
    {
        Assert.Contains("name of 5,000", Refused(m => m.Graph.Node[0].Name = new string('n', 5000)), StringComparison.Ordinal);
        Assert.Contains("nodes", Refused(m => m.Graph.Node.Add(Enumerable.Repeat(new NodeProto { OpType = "Relu" }, 100_001))), StringComparison.Ordinal);
    }

    [Fact]
    public void Bodies_of_loops_keep_the_limits_too() => Assert.Contains(
        "no data for the weights 'inner'",
        Refused(m => m.Graph.Node[0].Attribute.Add(Attributes.Of("body", new GraphProto { Initializer = { new TensorProto { Name = "inner", DataType = 1, Dims = { 2 } } } }))),
        StringComparison.Ordinal);

    private static string Refused(Action<ModelProto> spoil)
    {
        var model = new GraphBuilder("tiny").Input("x", DataType.Float, 1, 1).Constant(Tensors.Floats("one", [1f], 1))
            .Node("Add", ["x", "one"], "y").Output("y", DataType.Float, 1, 1).Model(13, "test", "");
        spoil(model);
        return Assert.Throws<OnnxFileException>(() => OnnxFile.Parse(OnnxFile.Bytes(model), "strange.onnx")).Message;
    }
}
