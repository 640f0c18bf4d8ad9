using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Inference;

/// <summary>A sample to the input tensor of one model. One caller at a time.</summary>
internal sealed class SamplePreparer
{
    private readonly InputSpec _input;
    private readonly ImagePreparer? _images;

    /// <summary>A preparer for a model's input.</summary>
    public SamplePreparer(InputSpec input)
    {
        _input = input;
        _images = input.Kind == "image" ? new ImagePreparer(input) : null;
    }

    /// <summary>Prepares images; null for a series.</summary>
    public ImagePreparer? Images => _images;

    /// <summary>Features of the last sample in the order of <see cref="ImageFeatures.All"/>; empty for a series.</summary>
    public ReadOnlySpan<double> Features => _images is null ? [] : _images.Features;

    /// <summary>Decodes an image, for a model that takes one.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="decoded">Room for a decoded image, reused.</param>
    /// <param name="pixels">The pixels: of the sample itself, or decoded; null for a series and for what is unfit.</param>
    /// <returns>Null when it is well, else what is wrong with the sample.</returns>
    public string? Decode(Sample sample, PixelBuffer decoded, out PixelBuffer? pixels)
    {
        pixels = null;
        if (sample.Fault is not null || _images is null)
            return sample.Fault;
        if (sample.Kind == SampleKind.Pixels)
        {
            pixels = sample.Pixels;
            return null;
        }

        try
        {
            ImageDecoder.Decode(sample.Image, decoded);
            pixels = decoded;
            return null;
        }
        catch (ImageException e)
        {
            return e.Message;
        }
    }

    /// <summary>Fills the tensor.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="pixels">What <see cref="Decode"/> gave.</param>
    /// <param name="tensor">The model's input.</param>
    /// <returns>Null when it is filled, else what is wrong with the sample.</returns>
    public string? Prepare(Sample sample, PixelBuffer? pixels, Span<float> tensor)
    {
        try
        {
            if (_images is null)
            {
                SeriesPreparer.Prepare(_input, sample.Window, tensor);
                return null;
            }

            _images.Prepare(pixels!, tensor);
            return null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }
}
