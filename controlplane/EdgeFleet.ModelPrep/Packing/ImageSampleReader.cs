using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Reads JPEG and PNG files.</summary>
internal sealed class ImageSampleReader(InputSpec input) : ISampleReader
{
    private const long BytesMax = 64 * 1024 * 1024;

    private readonly PixelBuffer _pixels = new();
    private readonly ImagePreparer _preparer = new(input);

    /// <inheritdoc/>
    public IEnumerable<PreparedSample> Read(LabelledFile file) => [Prepare(file)];

    /// <inheritdoc/>
    public byte[] Source(LabelledFile file, int window) => File.ReadAllBytes(file.Path);

    private PreparedSample Prepare(LabelledFile file)
    {
        try
        {
            if (new FileInfo(file.Path).Length > BytesMax) throw new UnreadableException($"It has more than {BytesMax} bytes.");
            var tensor = new float[input.Elements];
            ImageDecoder.Decode(File.ReadAllBytes(file.Path), _pixels);
            _preparer.Prepare(_pixels, tensor);
            return new PreparedSample(file, 0, tensor, [.. _preparer.Features]);
        }
        catch (Exception unread) when (unread is ImageException or IOException or UnauthorizedAccessException)
        {
            throw new UnreadableException(unread.Message);
        }
    }
}
