namespace EdgeFleet.Agent.Power;

/// <summary>The folder below which the kernel's files of this board are: <c>/</c>, or a tree that stands in for it. What cannot be read is not there.</summary>
internal sealed class BoardRoot(string root)
{
    /// <summary>Full path of a file of the board, given from its root.</summary>
    public string this[string path] => Path.Combine(root, path.TrimStart('/'));

    /// <summary>Folders of a folder whose names match, in the order of their names; links are followed. Empty when there are none.</summary>
    public static IReadOnlyList<string> Folders(string folder, string pattern = "*")
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateDirectories(folder, pattern).Order(NumberedNames.Instance)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Files of a folder whose names match, in the order of their names.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern)
    {
        try
        {
            return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, pattern).Order(NumberedNames.Instance)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Text of a small file without the white space and zero bytes around it; null when it is not there, is empty or fails on read.</summary>
    public static string? Text(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim('\0', ' ', '\t', '\r', '\n') is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>A whole number in a small file; null like <see cref="Text"/>, and when there is something else in it.</summary>
    public static long? Number(string path) =>
        long.TryParse(Text(path), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    // hwmon10 comes after hwmon9.
    private sealed class NumberedNames : IComparer<string>
    {
        public static readonly NumberedNames Instance = new();

        public int Compare(string? x, string? y) => x!.Length != y!.Length ? x.Length.CompareTo(y.Length) : string.CompareOrdinal(x, y);
    }
}
