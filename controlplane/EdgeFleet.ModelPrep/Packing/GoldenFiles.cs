using System.Buffers.Binary;
using System.Text.Json;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>The golden set of a package with its tensors, read with limits, since packages come from outside.</summary>
internal sealed class GoldenFiles
{
    // A publisher may be lenient, not blind: below this a collapsed model of two classes passes.
    private const double LeastAgreementMin = 0.5;
    private const double ToleranceMax = 0.5;
    private const int ItemsMax = 10_000;
    private const long JsonBytesMax = 16L * 1024 * 1024;
    private const long TensorBytesMax = 1024L * 1024 * 1024;

    private readonly byte[] _tensors;

    private GoldenFiles(GoldenSet set, byte[] tensors, int elements) => (Set, _tensors, Elements) = (set, tensors, elements);

    /// <summary>The set.</summary>
    public GoldenSet Set { get; }

    /// <summary>Values of one tensor.</summary>
    public int Elements { get; }

    /// <summary>Reads the set; the second value says what is wrong when the first is null.</summary>
    public static (GoldenFiles? Golden, string? Fault) Read(Manifest manifest, Func<FileRef, string> pathOf)
    {
        if (manifest.Golden.Size > JsonBytesMax)
            return (null, $"{manifest.Golden.Path} has {manifest.Golden.Size} bytes, over the limit of {JsonBytesMax}.");
        GoldenSet? set;
        try
        {
            set = JsonSerializer.Deserialize(File.ReadAllBytes(pathOf(manifest.Golden)), WireJson.Default.GoldenSet);
        }
        catch (JsonException broken)
        {
            return (null, $"{manifest.Golden.Path} cannot be read: {broken.Message}");
        }

        if (set is null || set.Items.Count is 0 or > ItemsMax)
            return (null, $"{manifest.Golden.Path} has {set?.Items.Count ?? 0} items; 1 to {ItemsMax} are allowed.");
        if (set.LeastAgreement is not (>= LeastAgreementMin and <= 1) || set.ProbabilityTolerance is not (>= 0 and <= ToleranceMax))
        {
            return (null, FormattableString.Invariant(
                $"{manifest.Golden.Path} asks for an agreement of {set.LeastAgreement} within {set.ProbabilityTolerance}, which proves nothing. Pack the model again."));
        }

        if (!manifest.Files.Contains(set.Tensors)) return (null, $"{manifest.Golden.Path} names tensors that are not in the manifest.");

        var elements = manifest.Input.Elements;
        var expected = (long)set.Items.Count * elements * sizeof(float);
        if (set.Tensors.Size != expected || expected > TensorBytesMax)
        {
            return (null, $"{set.Tensors.Path} has {set.Tensors.Size} bytes; {set.Items.Count} items of {elements} values need {expected}, "
                + $"at most {TensorBytesMax} are read.");
        }

        return (new GoldenFiles(set, File.ReadAllBytes(pathOf(set.Tensors)), elements), null);
    }

    /// <summary>Fills in the tensor of one item.</summary>
    public void CopyTensor(int item, Span<float> into)
    {
        var bytes = _tensors.AsSpan(item * Elements * sizeof(float));
        for (var i = 0; i < Elements; i++) into[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
    }
}
