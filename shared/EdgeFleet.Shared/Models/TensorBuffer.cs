using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Shared.Models;

/// <summary>Pinned memory of one input or output for up to so many samples, and the values that ONNX Runtime is given of it.</summary>
internal sealed class TensorBuffer : IDisposable
{
    private readonly float[] _memory;
    private readonly List<OrtValue> _values = [];
    private readonly long[] _shape;

    /// <summary>Memory for a tensor.</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="shape">Its shape for one sample, the batch first.</param>
    /// <param name="batch">Samples that there is room for.</param>
    public TensorBuffer(string name, long[] shape, int batch)
    {
        (Name, _shape) = (name, shape);
        Elements = checked((int)shape.Aggregate(1L, (a, d) => a * d));
        _memory = GC.AllocateArray<float>(checked(Elements * batch), pinned: true);
    }

    /// <summary>Name of the tensor.</summary>
    public string Name { get; }

    /// <summary>Its name, and its shape for one sample.</summary>
    public TensorInfo Info => new(Name, _shape);

    /// <summary>Values of one sample.</summary>
    public int Elements { get; }

    /// <summary>The values of one sample.</summary>
    public Span<float> Of(int sample) => _memory.AsSpan(sample * Elements, Elements);

    /// <summary>The first samples as ONNX Runtime sees them; valid until this is disposed.</summary>
    public OrtValue ValueOf(int samples)
    {
        long[] shape = samples == 1 ? _shape : [samples, .. _shape.AsSpan(1)];
        var value = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, _memory.AsMemory(0, Elements * samples), shape);
        _values.Add(value);
        return value;
    }

    /// <inheritdoc/>
    public void Dispose() => _values.ForEach(v => v.Dispose());
}
