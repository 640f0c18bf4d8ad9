using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EdgeFleet.Benchmarks.FramePath;

/// <summary>The same model as the first page of ONNX Runtime's documentation runs it: default options, a named value in, results out.</summary>
internal sealed class DefaultSession(InputSpec input) : IDisposable
{
    private readonly InferenceSession _session = new(Path.Combine(RealData.Folder!, "coffee-leaf-models", "coffee_leaf_int8_qdq.onnx"));
    private readonly float[] _tensor = new float[input.Elements];

    public void Run()
    {
        var value = NamedOnnxValue.CreateFromTensor(input.Tensor, new DenseTensor<float>(_tensor, [1, input.Channels, input.Height, input.Width]));
        using var results = _session.Run([value]);
    }

    public void Dispose() => _session.Dispose();
}
