using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Onnx;

/// <summary>Builds a model or a loop body node by node, in the order in which it runs.</summary>
public sealed class GraphBuilder(string name)
{
    // Fixed, so that the same recipe gives the same bytes; 8 is the first that allows everything opset 17 holds.
    private const long IrVersion = 8;

    private readonly GraphProto _graph = new() { Name = name };

    /// <summary>A graph input; -1 is a dimension that the caller of the model chooses.</summary>
    public GraphBuilder Input(string tensor, DataType type, params long[] dims)
    {
        _graph.Input.Add(ValueInfo(tensor, type, dims));
        return this;
    }

    /// <summary>A graph output.</summary>
    public GraphBuilder Output(string tensor, DataType type, params long[] dims)
    {
        _graph.Output.Add(ValueInfo(tensor, type, dims));
        return this;
    }

    /// <summary>A constant.</summary>
    public GraphBuilder Constant(TensorProto tensor)
    {
        _graph.Initializer.Add(tensor);
        return this;
    }

    /// <summary>A node with one output, which names it.</summary>
    public GraphBuilder Node(string operation, string[] inputs, string output, params AttributeProto[] attributes)
    {
        _graph.Node.Add(NewNode(operation, inputs, output, attributes));
        return this;
    }

    /// <summary>The bare graph, as the body of a loop.</summary>
    public GraphProto Graph() => _graph;

    /// <summary>The whole model.</summary>
    public ModelProto Model(long opset, string producer, string description) => new()
    {
        IrVersion = IrVersion,
        ProducerName = producer,
        DocString = description,
        Graph = _graph,
        OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } },
    };

    /// <summary>A node by itself, for those who edit a graph that exists.</summary>
    public static NodeProto NewNode(string operation, string[] inputs, string output, params AttributeProto[] attributes) =>
        new() { OpType = operation, Name = $"{operation}:{output}", Input = { inputs }, Output = { output }, Attribute = { attributes } };

    /// <summary>Name, type and shape of a graph's input or output.</summary>
    public static ValueInfoProto ValueInfo(string tensor, DataType type, params long[] dims)
    {
        var shape = new TensorShapeProto();
        foreach (var dim in dims)
        {
            shape.Dim.Add(dim < 0
                ? new TensorShapeProto.Types.Dimension { DimParam = "N" }
                : new TensorShapeProto.Types.Dimension { DimValue = dim });
        }

        return new ValueInfoProto
        {
            Name = tensor,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}
