using System.Text.Json;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>The golden set of a package with its inputs, read with limits, since packages come from outside.</summary>
internal sealed class GoldenFiles : IDisposable
{
    // A publisher may be lenient, not blind: below this a collapsed model of two classes passes.
    private const double LeastAgreementMin = 0.5;
    private const double ToleranceMax = 0.5;
    private const int ItemsMax = 10_000;
    private const long JsonBytesMax = 16L * 1024 * 1024;
    private const long TensorBytesMax = 1024L * 1024 * 1024;

    private GoldenFiles(GoldenSet set, GoldenInputs inputs) => (Set, Inputs) = (set, inputs);

    /// <summary>The set.</summary>
    public GoldenSet Set { get; }

    /// <summary>The input tensors of its items.</summary>
    public GoldenInputs Inputs { get; }

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

        if (set.Tensors is { } tensors && !manifest.Files.Contains(tensors)) return (null, $"{manifest.Golden.Path} names tensors that are not in the manifest.");
        if (set.Tensors is { Size: > TensorBytesMax }) return (null, $"{set.Tensors.Path} has {set.Tensors.Size} bytes; at most {TensorBytesMax} are read.");
        if (set.Items.FirstOrDefault(i => i.Source is { } source && !manifest.Files.Any(f => f.Digest == source.Digest)) is { } stray)
            return (null, $"Golden item {set.Items.ToList().IndexOf(stray)} has a source that is not in the manifest.");
        try
        {
            return (new GoldenFiles(set, GoldenInputs.Open(set, manifest.Input, pathOf)), null);
        }
        catch (InvalidDataException faulty)
        {
            return (null, faulty.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Inputs.Dispose();
}
