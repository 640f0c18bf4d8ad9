namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Means by channel of one tensor over samples; channels lie on axis 1.</summary>
internal sealed class ChannelMeans
{
    private double[] _sums = [];
    private long _count;

    /// <summary>Adds one sample's values.</summary>
    public void Add(long[] shape, ReadOnlySpan<float> values)
    {
        var channels = shape.Length > 1 ? (int)shape[1] : 1;
        if (_sums.Length == 0) _sums = new double[channels];
        var inner = values.Length / channels;
        for (var channel = 0; channel < channels; channel++)
        {
            var sum = 0.0;
            foreach (var value in values.Slice(channel * inner, inner)) sum += value;
            _sums[channel] += sum;
        }

        _count += inner;
    }

    /// <summary>What must be added to each channel of another tensor to bring its means to these.</summary>
    public float[] Beyond(ChannelMeans other) => [.. _sums.Select((sum, c) => (float)((sum / _count) - (other._sums[c] / other._count)))];
}
