using EdgeFleet.ModelPrep.Onnx;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Tests.Onnx;

public sealed class GraphOrderTests
{
    [Fact]
    public void Nodes_in_any_order_come_out_in_one_that_runs_and_an_order_that_runs_stays()
    {
        var graph = Chain();
        var inOrder = graph.Clone();
        var turned = graph.Clone();
        turned.Node.Clear();
        turned.Node.Add(graph.Node.Reverse());

        GraphOrder.Sort(inOrder, "chain.onnx");
        GraphOrder.Sort(turned, "turned.onnx");

        Assert.Equal(graph, inOrder);
        Assert.Equal(graph, turned);
    }

    [Fact]
    public void What_nothing_makes_is_named_with_its_reader()
    {
        var graph = Chain();
        graph.Initializer.Clear();

        var refused = Assert.Throws<OnnxFileException>(() => GraphOrder.Sort(graph, "chain.onnx"));

        Assert.Contains("'one'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Add", refused.Message, StringComparison.Ordinal);
        Assert.Contains("missing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Circles_and_tensors_made_twice_are_refused()
    {
        var circle = Chain();
        circle.Node[0].Input[0] = "c";
        var twice = Chain();
        twice.Node[1].Output[0] = "a";

        Assert.Contains("circle", Assert.Throws<OnnxFileException>(() => GraphOrder.Sort(circle, "m")).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<OnnxFileException>(() => GraphOrder.Sort(twice, "m")).Message, StringComparison.Ordinal);
    }

    private static GraphProto Chain() => new GraphBuilder("chain").Input("x", DataType.Float, 1, 1).Constant(Tensors.Floats("one", [1f], 1))
        .Node("Add", ["x", "one"], "a").Node("Relu", ["a"], "b").Node("Mul", ["a", "b"], "c").Output("c", DataType.Float, 1, 1).Graph();
}
