using EdgeFleet.Shared.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>The inputs of a run: the sample's own, and those of named values, which are the same for every sample.</summary>
/// <param name="Input">Name of the sample's input.</param>
/// <param name="Shape">Shape of one sample.</param>
/// <param name="Others">Further inputs with their values.</param>
internal sealed record SampleFeed(string Input, long[] Shape, IReadOnlyList<(string Name, float[] Values)> Others)
{
    /// <summary>Values of a sample.</summary>
    public int Elements => (int)Shape.Aggregate(1L, (a, d) => a * d);

    /// <summary>The inputs that a manifest names.</summary>
    public static SampleFeed Of(InputSpec input) => new(input.Tensor, [.. input.Shape],
        [.. input.Values.Select(v => (v.Tensor, v.Default.Select((d, i) => (d * v.Scale[i]) + v.Offset[i]).ToArray()))]);

    /// <summary>Names in the order of <see cref="Values"/>.</summary>
    public string[] Names => [Input, .. Others.Select(o => o.Name)];

    /// <summary>The values of a run; the caller disposes them.</summary>
    public List<OrtValue> Values(float[] sample) =>
        [OrtValue.CreateTensorValueFromMemory(sample, Shape), .. Others.Select(o => OrtValue.CreateTensorValueFromMemory(o.Values, [1, o.Values.Length]))];
}
