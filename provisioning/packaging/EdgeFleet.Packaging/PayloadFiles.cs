using System.Security.Cryptography;

namespace EdgeFleet.Packaging;

/// <summary>A program or library that is shipped, with its SHA-256 in lower hex.</summary>
internal sealed record PayloadFile(string Name, string Sha256);

/// <summary>Lists what a published folder ships.</summary>
internal static class PayloadFiles
{
    private static readonly string[] ForMakers = [".pdb", ".xml", ".dbg"];

    /// <summary>The files by name, without symbols and doc comments, which are not packed.</summary>
    public static IReadOnlyList<PayloadFile> Of(string folder) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(f => !ForMakers.Contains(Path.GetExtension(f)))
            .Select(f => new PayloadFile(Path.GetRelativePath(folder, f), Hash(f))).OrderBy(f => f.Name, StringComparer.Ordinal),
    ];

    private static string Hash(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
