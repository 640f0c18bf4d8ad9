using System.Text.Json;
using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Inspecting;

/// <summary>What stands in a package, as its own files say it; nothing is judged.</summary>
/// <param name="Folder">Where it lies.</param>
/// <param name="Digest">SHA-256 of its manifest, which is its identity.</param>
/// <param name="Manifest">The manifest.</param>
/// <param name="Golden">The golden set.</param>
/// <param name="Report">What was measured when it was made.</param>
/// <param name="Reference">How inputs and answers looked.</param>
/// <param name="Advice">What people read of its labels.</param>
/// <param name="Missing">Files that the manifest names and the folder lacks.</param>
public sealed record PackageSheet(string Folder, string Digest, Manifest Manifest, GoldenSet? Golden, PackageReport? Report, Reference? Reference, AdviceTexts? Advice, IReadOnlyList<string> Missing)
{
    private const long BytesMax = 16L * 1024 * 1024;

    /// <summary>Reads a package folder.</summary>
    /// <exception cref="PackException">It is none, or its manifest cannot be used.</exception>
    public static PackageSheet Read(string folder)
    {
        var manifest = ModelPlace.ManifestOf(folder);
        var files = manifest.AllFiles.DistinctBy(f => f.Path);
        return new PackageSheet(
            Path.GetFullPath(folder), Sha256Digest.Of(File.ReadAllBytes(Path.Combine(folder, "manifest.json"))).Value, manifest,
            Part(folder, manifest.Golden, WireJson.Default.GoldenSet), Part(folder, manifest.Report, WireJson.Default.PackageReport), Part(folder, manifest.Reference, WireJson.Default.Reference),
            manifest.Advice is null ? null : Part(folder, manifest.Advice, WireJson.Default.AdviceTexts),
            [.. files.Where(f => !File.Exists(Path.Combine(folder, f.Path))).Select(f => f.Path)]);
    }

    private static T? Part<T>(string folder, FileRef file, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        var path = Path.Combine(folder, file.Path);
        if (!File.Exists(path) || new FileInfo(path).Length > BytesMax) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type);
        }
        catch (JsonException broken)
        {
            throw new PackException($"{path} cannot be read: {broken.Message} See: edgefleet model verify {folder}", broken);
        }
    }
}
