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

    /// <summary>Features of the last sample in the order of <see cref="ImageFeatures.All"/>; empty for a series.</summary>
    public ReadOnlySpan<double> Features => _images is null ? [] : _images.Features;

    /// <summary>Fills the tensor.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="decoded">Room for a decoded image, reused.</param>
    /// <param name="tensor">The model's input.</param>
    /// <returns>Null when it is filled, else what is wrong with the sample.</returns>
    public string? Prepare(Sample sample, PixelBuffer decoded, Span<float> tensor)
    {
        if (sample.Fault is not null)
            return sample.Fault;

        try
        {
            if (_images is null)
            {
                SeriesPreparer.Prepare(_input, sample.Window, tensor);
                return null;
            }

            _images.Prepare(PixelsOf(sample, decoded), tensor);
            return null;
        }
        catch (Exception e) when (e is ImageException or ArgumentException)
        {
            return e.Message;
        }
    }

    private static PixelBuffer PixelsOf(Sample sample, PixelBuffer decoded)
    {
        if (sample.Kind == SampleKind.Pixels)
            return sample.Pixels;

        ImageDecoder.Decode(sample.Image, decoded);
        return decoded;
    }
}
