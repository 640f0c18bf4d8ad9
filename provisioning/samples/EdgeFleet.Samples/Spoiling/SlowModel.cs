using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Samples.Exact;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.Samples.Spoiling;

/// <summary>
/// Makes a classifier slow without changing an answer: a loop of matrix products that starts from the input, stays within -1 and 1, and
/// ends in relu(-relu(x) - 1), which is exactly 0 for every x but which no optimizer can know.
/// </summary>
internal static class SlowModel
{
    private const int Side = 128;

    /// <summary>The model with <paramref name="rounds"/> rounds of idle work before its answer.</summary>
    /// <exception cref="SpoilException">Its first input or output is not float.</exception>
    public static ModelProto Of(ModelProto good, string name, long rounds)
    {
        var model = good.Clone();
        var graph = model.Graph;
        var constants = graph.Initializer.Select(t => t.Name).ToHashSet();
        var input = graph.Input.First(i => !constants.Contains(i.Name));
        var output = graph.Output[0];
        if (input.Type.TensorType?.ElemType != (int)DataType.Float || output.Type.TensorType?.ElemType != (int)DataType.Float)
            throw new SpoilException($"{name} does not take and give float tensors. Give a classifier with float input and output.");

        Rename(graph, output.Name, "quick_answer");
        graph.Initializer.Add([
            Tensors.Floats("idle_pattern", Pattern(1), Side, Side), Tensors.Floats("idle_factor", Pattern(2), Side, Side),
            Tensors.Longs("idle_rounds", [rounds]), Tensors.Bool("idle_go_on", true), Tensors.Floats("idle_one", [1f]),
        ]);
        graph.Node.Add([
            GraphBuilder.NewNode("ReduceMean", [input.Name], "idle_start", Attributes.Of("keepdims", 0L)),
            GraphBuilder.NewNode("Mul", ["idle_pattern", "idle_start"], "idle_state"),
            GraphBuilder.NewNode("Loop", ["idle_rounds", "idle_go_on", "idle_state"], "idle_end", Attributes.Of("body", Body())),
            GraphBuilder.NewNode("Relu", ["idle_end"], "idle_positive"),
            GraphBuilder.NewNode("Neg", ["idle_positive"], "idle_negative"),
            GraphBuilder.NewNode("Sub", ["idle_negative", "idle_one"], "idle_below"),
            GraphBuilder.NewNode("Relu", ["idle_below"], "idle_zeros"),
            GraphBuilder.NewNode("ReduceMax", ["idle_zeros"], "idle_zero", Attributes.Of("keepdims", 0L)),
            GraphBuilder.NewNode("Add", ["quick_answer", "idle_zero"], output.Name),
        ]);
        return model;
    }

    private static GraphProto Body() => new GraphBuilder("idle_body")
        .Input("round", DataType.Int64).Input("go_on", DataType.Bool).Input("state", DataType.Float, Side, Side)
        .Node("Identity", ["go_on"], "go_on_again")
        .Node("MatMul", ["state", "idle_factor"], "product")
        .Node("Tanh", ["product"], "next_state")
        .Output("go_on_again", DataType.Bool).Output("next_state", DataType.Float, Side, Side)
        .Graph();

    private static float[] Pattern(ulong stream)
    {
        var random = SeededRandom.For(7, stream);
        var values = new float[Side * Side];
        for (var i = 0; i < values.Length; i++) values[i] = (float)random.Between(-0.2, 0.2);
        return values;
    }

    private static void Rename(GraphProto graph, string from, string to)
    {
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++) if (node.Input[i] == from) node.Input[i] = to;
            for (var i = 0; i < node.Output.Count; i++) if (node.Output[i] == from) node.Output[i] = to;
        }
    }
}
