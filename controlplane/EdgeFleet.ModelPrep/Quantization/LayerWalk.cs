using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Runs an int8 graph layer by layer over several samples. What is alive between two layers is kept, as its integers, so that each step runs only the nodes between
/// the last layer and the next, and biases may change on the way.
/// </summary>
internal sealed class LayerWalk
{
    private readonly ModelProto _model;
    private readonly SampleFeed _feed;
    private readonly GraphIndex _index;
    private readonly Dictionary<string, List<Kept>> _kept = [];
    private readonly HashSet<string> _done = [];
    private readonly Dictionary<string, TensorProto> _biases = [];

    /// <summary>A walk from the beginning of an int8 model.</summary>
    public LayerWalk(ModelProto int8, SampleFeed feed) => (_model, _feed, _index) = (int8, feed, new GraphIndex(int8.Graph));

    /// <summary>From now on a layer adds this bias instead of its own.</summary>
    public void SetBias(NodeProto layer, float[] bias) => _biases[layer.Output[0]] = Tensors.Floats($"{layer.Output[0]}:bias", bias, bias.Length);

    /// <summary>Runs up to a layer and its output's means. Layers come in the order of the graph.</summary>
    /// <exception cref="OnnxRuntimeException">The step does not run.</exception>
    public ChannelMeans StepTo(NodeProto layer, IEnumerable<PreparedSample> samples)
    {
        var between = Between(layer);
        var ahead = between.Where(n => n != layer && n.OpType != "DequantizeLinear").ToList();
        foreach (var node in ahead) _done.Add(node.Output[0]);
        string[] keep = [.. ahead.SelectMany(n => n.Output).Where(IsAlive)];
        var inputs = Inputs(between);

        using var session = Open(between, inputs, [layer.Output[0], .. keep]);
        var means = new ChannelMeans();
        var fresh = keep.ToDictionary(k => k, _ => new List<Kept>());
        var at = 0;
        foreach (var sample in samples) RunOne(session, inputs, keep, layer.Output[0], sample.Tensor, at++, means, fresh);

        foreach (var dead in _kept.Keys.Where(k => !IsAlive(k)).ToList()) _kept.Remove(dead);
        foreach (var (name, values) in fresh) _kept[name] = values;
        return means;
    }

    private void RunOne(
        InferenceSession session, List<string> inputs, string[] keep, string output, float[] sample, int at, ChannelMeans means, Dictionary<string, List<Kept>> fresh)
    {
        var values = inputs.ConvertAll(i => _kept.TryGetValue(i, out var kept) ? kept[at].Value() : ValueOf(i, sample));
        try
        {
            using var run = new RunOptions();
            using var results = session.Run(run, inputs, values, [output, .. keep]);
            means.Add(results[0].GetTensorTypeAndShape().Shape, results[0].GetTensorDataAsSpan<float>());
            for (var i = 0; i < keep.Length; i++) fresh[keep[i]].Add(Kept.Of(results[i + 1]));
        }
        finally
        {
            values.ForEach(v => v.Dispose());
        }
    }

    private OrtValue ValueOf(string input, float[] sample) => input == _feed.Input
        ? OrtValue.CreateTensorValueFromMemory(sample, _feed.Shape)
        : _feed.Others.First(o => o.Name == input) is var other ? OrtValue.CreateTensorValueFromMemory(other.Values, [1, other.Values.Length]) : throw new InvalidOperationException(input);

    // The nodes that lead to a layer from what is kept.
    private List<NodeProto> Between(NodeProto layer)
    {
        var found = new HashSet<string>();
        var open = new Stack<NodeProto>([layer]);
        while (open.TryPop(out var node))
        {
            if (!found.Add(node.Output[0])) continue;
            foreach (var read in GraphWalk.Reads(node).Where(r => !_kept.ContainsKey(r)))
                if (_index.Producer(read) is { } maker) open.Push(maker);
        }

        return [.. _model.Graph.Node.Where(n => found.Contains(n.Output[0]))];
    }

    // Whether something that has not run yet reads a tensor, or its dequantized form.
    private bool IsAlive(string tensor) => _index.Consumers(tensor).Any(reader =>
        reader.OpType == "DequantizeLinear" ? IsAlive(reader.Output[0]) : !_done.Contains(reader.Output[0]));

    private List<string> Inputs(List<NodeProto> between)
    {
        var made = between.SelectMany(n => n.Output).ToHashSet();
        return [.. between.SelectMany(GraphWalk.Reads).Where(r => !made.Contains(r) && (_kept.ContainsKey(r) || _index.Constant(r) is null)).Distinct()];
    }

    private InferenceSession Open(List<NodeProto> between, List<string> inputs, string[] outputs)
    {
        var graph = new GraphProto { Name = "step" };
        graph.Node.Add(between.Select(WithBias));
        graph.Input.Add(inputs.Select(i => Info(i, _kept.TryGetValue(i, out var kept) ? Type(kept[0].Type) : DataType.Float)));
        graph.Output.Add(outputs.Distinct().Select(o => new ValueInfoProto { Name = o }));
        graph.Initializer.Add(graph.Node.SelectMany(GraphWalk.Reads).Distinct().Select(_index.Constant).Where(c => c is not null));
        graph.Initializer.Add(between.Where(n => _biases.ContainsKey(n.Output[0])).Select(n => _biases[n.Output[0]]));
        var step = new ModelProto { IrVersion = _model.IrVersion, Graph = graph, OpsetImport = { _model.OpsetImport } };

        // As written: with the optimizer a layer's output would be integers already.
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, EnableMemoryPattern = false, IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;
        return new InferenceSession(OnnxFile.Bytes(step), options);
    }

    private NodeProto WithBias(NodeProto node)
    {
        if (!_biases.TryGetValue(node.Output[0], out var bias)) return node;
        var copy = node.Clone();
        while (copy.Input.Count < 3) copy.Input.Add("");
        copy.Input[2] = bias.Name;
        return copy;
    }

    private static ValueInfoProto Info(string name, DataType type) =>
        new() { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } };

    private static DataType Type(TensorElementType type) => (DataType)(int)type;

    /// <summary>One tensor of one sample, out of the runtime's hands.</summary>
    private sealed record Kept(TensorElementType Type, long[] Shape, byte[] Bytes)
    {
        public static Kept Of(OrtValue value)
        {
            var info = value.GetTensorTypeAndShape();
            return new Kept(info.ElementDataType, info.Shape, value.GetTensorMutableRawData().ToArray());
        }

        public OrtValue Value()
        {
            var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, Type, Shape);
            Bytes.CopyTo(value.GetTensorMutableRawData());
            return value;
        }
    }
}
