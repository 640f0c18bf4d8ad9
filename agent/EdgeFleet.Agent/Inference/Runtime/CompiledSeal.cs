using System.Globalization;
using System.Text;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Inference.Runtime;

/// <summary>
/// What stands beside compiled files: the facts that they were made under and the SHA-256 of each. A file that is damaged, cut short, missing, too many, or from
/// another board or model breaks it.
/// </summary>
internal static class CompiledSeal
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "seal";

    private const string Version = "edgefleet-compiled 1";
    private const int BytesMax = 64 * 1024;

    /// <summary>Makes every file of a folder durable and seals them, the seal last.</summary>
    /// <exception cref="IOException">Something is not on disk for sure.</exception>
    public static async Task CloseAsync(string folder, CompiledFacts facts, CancellationToken cancel)
    {
        foreach (var path in FilesOf(folder))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
            DurableFile.Sync(file, path);
        }

        DurableFile.Replace(Path.Combine(folder, FileName), Encoding.UTF8.GetBytes(await TextAsync(folder, facts, cancel)));
    }

    /// <summary>True when the folder holds exactly what was sealed under these facts.</summary>
    public static async Task<bool> IsWholeAsync(string folder, CompiledFacts facts, CancellationToken cancel)
    {
        var seal = new FileInfo(Path.Combine(folder, FileName));
        return seal.Exists && seal.Length <= BytesMax && FilesOf(folder).Count > 0
            && await File.ReadAllTextAsync(seal.FullName, cancel) == await TextAsync(folder, facts, cancel);
    }

    private static async Task<string> TextAsync(string folder, CompiledFacts facts, CancellationToken cancel)
    {
        var text = new StringBuilder().Append(Version).Append('\n').Append(facts.Digest().Value).Append('\n');
        foreach (var path in FilesOf(folder))
            text.Append(CultureInfo.InvariantCulture, $"{await Sha256Digest.OfFileAsync(path, cancel)} {Path.GetFileName(path)}\n");
        return text.ToString();
    }

    private static List<string> FilesOf(string folder) =>
        [.. Directory.EnumerateFiles(folder).Where(p => Path.GetFileName(p) != FileName).Order(StringComparer.Ordinal)];
}
