using EdgeFleet.ModelPrep.Onnx;
using Microsoft.ML.OnnxRuntime;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Runs a float model and shows what its inner tensors hold, one sample at a time.</summary>
internal sealed class TensorWatch : IDisposable
{
    private readonly InferenceSession _session;
    private readonly SampleFeed _feed;
    private readonly string[] _outputs;

    /// <summary>A session in which the tensors are outputs.</summary>
    /// <exception cref="QuantizationException">ONNX Runtime refuses the model; its reason is said.</exception>
    public TensorWatch(ModelProto model, IEnumerable<string> tensors, SampleFeed feed)
    {
        _feed = feed;
        Tensors = [.. tensors];
        _outputs = [.. Tensors.Where(t => t != feed.Input)];
        try
        {
            // The optimizer would fuse or rename tensors before they could be watched. One thread: sums are the same on every machine of a kind.
            using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, EnableMemoryPattern = false, IntraOpNumThreads = 1, InterOpNumThreads = 1 };
            options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            _session = new InferenceSession(OnnxFile.Bytes(Watched(model, _outputs)), options);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new QuantizationException($"ONNX Runtime cannot run the float model for calibration: {refused.Message}", refused);
        }
    }

    /// <summary>The tensors that are watched, in order.</summary>
    public IReadOnlyList<string> Tensors { get; }

    /// <summary>Runs one sample.</summary>
    /// <param name="sample">The prepared sample.</param>
    /// <param name="see">Called with each tensor's index in <see cref="Tensors"/>, its shape, and its values, which last until it returns.</param>
    /// <exception cref="QuantizationException">The run fails.</exception>
    public void Run(float[] sample, TensorSeen see)
    {
        var inputs = _feed.Values(sample);
        try
        {
            using var run = new RunOptions();
            using var results = _session.Run(run, _feed.Names, inputs, _outputs);
            for (int i = 0, at = 0; i < Tensors.Count; i++)
            {
                if (Tensors[i] == _feed.Input) see(i, _feed.Shape, sample);
                else see(i, results[at].GetTensorTypeAndShape().Shape, results[at++].GetTensorDataAsSpan<float>());
            }
        }
        catch (OnnxRuntimeException failed)
        {
            throw new QuantizationException($"ONNX Runtime cannot run the float model on a sample: {failed.Message}", failed);
        }
        finally
        {
            inputs.ForEach(v => v.Dispose());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static ModelProto Watched(ModelProto model, IEnumerable<string> tensors)
    {
        var watched = model.Clone();
        var known = watched.Graph.Output.Select(o => o.Name).ToHashSet();
        foreach (var tensor in tensors.Where(known.Add))
        {
            // Type without a shape: the runtime infers the shape.
            var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } };
            watched.Graph.Output.Add(new ValueInfoProto { Name = tensor, Type = type });
        }

        return watched;
    }
}

/// <summary>Sees one tensor of one run.</summary>
internal delegate void TensorSeen(int tensor, long[] shape, ReadOnlySpan<float> values);
