using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>One labelled sample, ready for a model.</summary>
/// <param name="File">The file it is from.</param>
/// <param name="Window">Which window of the file; 0 for images.</param>
/// <param name="Tensor">The input tensor, as boards prepare it.</param>
/// <param name="Features">What drift is watched in: of an image its <see cref="ImageFeatures"/> in order, of a series the raw readings, channel by channel in turn.</param>
internal sealed record PreparedSample(LabelledFile File, int Window, float[] Tensor, double[] Features);

/// <summary>A sample that cannot be read; the message says why.</summary>
internal sealed class UnreadableException(string message) : Exception(message);

/// <summary>Reads labelled files exactly as a board does.</summary>
internal interface ISampleReader
{
    /// <summary>The samples of a file.</summary>
    /// <exception cref="UnreadableException">The file is absent or damaged.</exception>
    IEnumerable<PreparedSample> Read(LabelledFile file);

    /// <summary>The source of one sample as a file of its own.</summary>
    byte[] Source(LabelledFile file, int window);

    /// <summary>The reader for an input.</summary>
    static ISampleReader For(InputSpec input) => input.Kind == "image" ? new ImageSampleReader(input) : new SeriesSampleReader(input);
}
