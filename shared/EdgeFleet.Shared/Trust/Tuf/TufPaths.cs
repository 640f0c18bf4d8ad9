using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;

namespace EdgeFleet.Shared.Trust.Tuf;

/// <summary>Paths of targets: whom they are delegated to, and where their files are.</summary>
internal static class TufPaths
{
    /// <summary>True when a pattern with <c>*</c> and <c>?</c> covers a path; neither crosses a slash.</summary>
    public static bool Matches(string pattern, string path)
    {
        var (wanted, given) = (pattern.Split('/'), path.Split('/'));
        return wanted.Length == given.Length && wanted.Zip(given).All(p => FileSystemName.MatchesSimpleExpression(Plain(p.First), p.Second, ignoreCase: false));
    }

    /// <summary>SHA-256 of a path, in hexadecimal.</summary>
    public static string HashOf(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)));

    /// <summary>Name of a role's document: no role can name a folder or a query.</summary>
    public static string FileOf(string role) => $"{Uri.EscapeDataString(role)}.json";

    /// <summary>Where a target's file is, with its hash before its name where the repository keeps all versions.</summary>
    public static string FileOf(string target, string? hash)
    {
        var path = target.Replace("%", "%25", StringComparison.Ordinal).Replace("?", "%3F", StringComparison.Ordinal).Replace("#", "%23", StringComparison.Ordinal);
        if (hash is null)
            return path;

        var name = path.LastIndexOf('/') + 1;
        return $"{path[..name]}{hash}.{path[name..]}";
    }

    // A backslash would escape in the library's patterns; in TUF's it stands for itself.
    private static string Plain(string pattern) => pattern.Replace("\\", "\\\\", StringComparison.Ordinal);
}
