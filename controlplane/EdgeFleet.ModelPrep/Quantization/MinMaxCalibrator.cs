using EdgeFleet.ModelPrep.Onnx;
using Microsoft.ML.OnnxRuntime;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Runs calibration samples through a float model and keeps the range of every tensor asked for; memory does not grow with samples.</summary>
public static class MinMaxCalibrator
{
    /// <summary>The ranges of <paramref name="tensors"/> over prepared samples, each of the shape <paramref name="shape"/>.</summary>
    /// <exception cref="QuantizationException">No sample, or the runtime refuses the model.</exception>
    public static ActivationRanges Run(ModelProto model, IReadOnlyCollection<string> tensors, IEnumerable<float[]> samples, long[] shape)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(samples);
        try
        {
            // The optimizer would fuse or rename tensors before they could be watched.
            using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, EnableMemoryPattern = false };
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
            using var session = new InferenceSession(OnnxFile.Bytes(Watched(model, tensors)), options);
            return Observe(session, tensors, samples, shape);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new QuantizationException($"ONNX Runtime cannot run the float model for calibration: {refused.Message}", refused);
        }
    }

    private static ActivationRanges Observe(
        InferenceSession session, IReadOnlyCollection<string> tensors, IEnumerable<float[]> samples, long[] shape)
    {
        var ranges = new ActivationRanges();
        var input = session.InputNames[0];
        string[] outputs = [.. tensors.Where(t => t != input)];
        using var run = new RunOptions();
        var count = 0;
        foreach (var sample in samples)
        {
            count++;
            ranges.Observe(input, sample);
            using var value = OrtValue.CreateTensorValueFromMemory(sample, shape);
            using var results = session.Run(run, [input], [value], outputs);
            for (var i = 0; i < outputs.Length; i++) ranges.Observe(outputs[i], results[i].GetTensorDataAsSpan<float>());
        }

        return count > 0 ? ranges : throw new QuantizationException("Calibration needs at least one sample; the set given is empty.");
    }

    private static ModelProto Watched(ModelProto model, IEnumerable<string> tensors)
    {
        var watched = model.Clone();
        var known = watched.Graph.Output.Select(o => o.Name).Concat(watched.Graph.Input.Select(i => i.Name)).ToHashSet();
        foreach (var tensor in tensors.Where(known.Add))
        {
            // Type without a shape: the runtime infers the shape.
            var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)DataType.Float } };
            watched.Graph.Output.Add(new ValueInfoProto { Name = tensor, Type = type });
        }

        return watched;
    }
}
