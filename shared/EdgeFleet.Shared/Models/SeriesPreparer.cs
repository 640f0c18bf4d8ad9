namespace EdgeFleet.Shared.Models;

/// <summary>A window of readings to the input tensor: scale, offset and layout by channel.</summary>
public static class SeriesPreparer
{
    /// <summary>Fills the tensor.</summary>
    /// <param name="spec">A series input.</param>
    /// <param name="window">Readings by time: <c>Length x Channels</c>.</param>
    /// <param name="tensor">Room for <see cref="InputSpec.Elements"/> values.</param>
    /// <exception cref="ArgumentException">The window has another size.</exception>
    public static void Prepare(InputSpec spec, ReadOnlySpan<float> window, Span<float> tensor)
    {
        if (window.Length != spec.Elements)
            throw new ArgumentException($"The window has {window.Length} values; the model takes {spec.Length} readings of {spec.Channels} column(s).", nameof(window));

        var (channels, length, channelsFirst) = (spec.Channels, spec.Length, spec.Layout == "NCT");
        for (var c = 0; c < channels; c++)
        {
            var (scale, offset) = (spec.Scale[c], spec.Offset[c]);
            for (var t = 0; t < length; t++)
                tensor[channelsFirst ? c * length + t : t * channels + c] = window[t * channels + c] * scale + offset;
        }
    }
}
