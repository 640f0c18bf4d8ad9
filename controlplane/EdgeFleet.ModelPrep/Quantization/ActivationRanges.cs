namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Ranges of a model's tensors, by name. Filled by <see cref="MinMaxCalibrator"/> from a runtime, or by a recipe that evaluates its
/// own model, which makes the quantized bytes independent of the machine.
/// </summary>
public sealed class ActivationRanges
{
    private readonly Dictionary<string, ActivationRange> _ranges = [];

    /// <summary>Widens a tensor's range by what it held for one sample.</summary>
    public void Observe(string tensor, ReadOnlySpan<float> values) =>
        _ranges[tensor] = (_ranges.TryGetValue(tensor, out var known) ? known : ActivationRange.Empty).With(values);

    /// <summary>Sets a tensor's range to one that was chosen.</summary>
    internal void Set(string tensor, ActivationRange range) => _ranges[tensor] = range;

    /// <summary>The range of a tensor that was seen with at least one finite value.</summary>
    public bool TryGet(string tensor, out ActivationRange range) => _ranges.TryGetValue(tensor, out range) && range.Min <= range.Max;
}
