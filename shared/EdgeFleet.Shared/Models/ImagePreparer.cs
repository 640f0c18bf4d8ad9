namespace EdgeFleet.Shared.Models;

/// <summary>
/// Pixels to the input tensor exactly as the manifest says: bilinear with half-pixel centres, rounded to whole pixel values as
/// Pillow does between its two passes, then colour order, scale, offset and layout. One instance has one caller at a time.
/// </summary>
public sealed class ImagePreparer(InputSpec spec)
{
    private readonly ResizedRows _resized = new();
    private readonly TensorRows _tensor = new(spec);

    /// <summary>What is watched of the last image.</summary>
    public ImageStatistics Statistics { get; } = new();

    /// <summary>Statistics of the last picture's resized pixels, in the order of <see cref="ImageFeatures.All"/>.</summary>
    public ReadOnlySpan<double> Features => Statistics.Values;

    /// <summary>Fills the tensor.</summary>
    /// <param name="image">Decoded image.</param>
    /// <param name="tensor">Room for <see cref="InputSpec.Elements"/> values.</param>
    public void Prepare(PixelBuffer image, Span<float> tensor)
    {
        _resized.Begin(image, spec.Width, spec.Height, spec.Resize!.Antialias);
        Statistics.Begin(spec.Width, spec.Height);
        for (var y = 0; y < spec.Height; y++)
        {
            var row = _resized.Row(image, y);
            Statistics.Add(row);
            _tensor.Write(row, y, tensor);
        }
    }
}
