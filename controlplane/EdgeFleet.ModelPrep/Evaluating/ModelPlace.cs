using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>A model that can be asked: its file, and how a sample becomes its input and its outputs an answer.</summary>
/// <param name="Name">What it is called in tables and sentences.</param>
/// <param name="Path">Its ONNX file.</param>
/// <param name="Specs">Input and output.</param>
internal sealed record ModelPlace(string Name, string Path, PackSpecs Specs)
{
    /// <summary>The models that files and package folders name: of a file one, of a package its variants for CPUs, prepared as its manifest says.</summary>
    /// <param name="paths">ONNX files and folders of packages.</param>
    /// <param name="request">How samples are prepared for files, which do not say it.</param>
    /// <exception cref="PackException">One cannot be used.</exception>
    public static IReadOnlyList<ModelPlace> Find(IEnumerable<string> paths, ModelRequest request) =>
        [.. paths.SelectMany(p => Directory.Exists(p) ? OfPackage(p) : [OfFile(p, request)])];

    /// <summary>A file, by what the request and the file itself say.</summary>
    public static ModelPlace OfFile(string path, ModelRequest request)
    {
        try
        {
            return new ModelPlace(System.IO.Path.GetFileName(path), path, PackSpecs.For(request with { Float = path }));
        }
        catch (OnnxFileException unread)
        {
            throw new PackException(unread.Message, unread);
        }
    }

    /// <summary>The manifest of a package folder.</summary>
    public static Manifest ManifestOf(string folder)
    {
        var path = System.IO.Path.Combine(folder, "manifest.json");
        if (!File.Exists(path)) throw new PackException($"{folder} is no package: it has no manifest.json. Give an ONNX file, or a folder that 'edgefleet model pack' made.");
        if (new FileInfo(path).Length > ManifestReader.BytesMax) throw new PackException($"{path} has more than {ManifestReader.BytesMax} bytes.");
        try
        {
            return ManifestReader.Read(File.ReadAllBytes(path));
        }
        catch (ManifestException faulty)
        {
            throw new PackException($"{path}: {faulty.Message}", faulty);
        }
    }

    private static IEnumerable<ModelPlace> OfPackage(string folder)
    {
        var manifest = ManifestOf(folder);
        foreach (var variant in manifest.Variants.Where(v => v.Provider == "cpu"))
        {
            var path = System.IO.Path.Combine(folder, variant.File.Path);
            if (!File.Exists(path)) throw new PackException($"The package {folder} lacks {variant.File.Path}, which its manifest names. Pack it again.");
            using var content = File.OpenRead(path);
            if (Sha256Digest.FromHash(System.Security.Cryptography.SHA256.HashData(content)) != variant.File.Digest)
                throw new PackException($"{path} is not the file that the manifest names: it was changed or damaged. See: edgefleet model verify {folder}");
            yield return new ModelPlace($"{manifest.Name}@{manifest.Version}/{variant.Name}", path, new PackSpecs(manifest.Input, manifest.Output));
        }
    }
}
