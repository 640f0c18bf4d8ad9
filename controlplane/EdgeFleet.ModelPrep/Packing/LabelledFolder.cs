using System.Globalization;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Labelled data as folders: <c>split/class/files</c>; folders below those of the classes are segments, and those that begin with an underscore are passed over.</summary>
internal static class LabelledFolder
{
    private static readonly HashSet<string> Kinds = [".jpg", ".jpeg", ".png", ".csv"];

    /// <summary>Whether a folder has at least one split in it.</summary>
    public static bool Fits(string folder) => Splits(folder).Any();

    /// <summary>Whether a folder has folders of classes and no splits.</summary>
    public static bool IsFlat(string folder, IReadOnlyList<string> labels) =>
        Directory.GetDirectories(folder) is { Length: > 0 } places && places.Any(p => LabelledData.LabelOf(Path.GetFileName(p), labels) >= 0);

    /// <summary>Every file of every class of every split.</summary>
    public static IEnumerable<LabelledFile> Read(string folder, IReadOnlyList<string> labels) => Splits(folder).SelectMany(s => Classes(s.Path, s.Split, labels));

    /// <summary>Every file of every class, of a folder without splits.</summary>
    public static IEnumerable<LabelledFile> ReadFlat(string folder, IReadOnlyList<string> labels) => Classes(folder, "test", labels);

    private static IEnumerable<LabelledFile> Classes(string path, string split, IReadOnlyList<string> labels)
    {
        foreach (var place in Directory.GetDirectories(path).Where(p => !Path.GetFileName(p).StartsWith('_')))
        {
            var label = LabelledData.LabelOf(Path.GetFileName(place), labels);
            if (label < 0) throw new PackException($"{place} is no class: the labels are {string.Join(", ", labels)}. Rename the folder or mend the label file.");
            foreach (var file in Directory.GetFiles(place, "*", SearchOption.AllDirectories).Where(f => Kinds.Contains(Path.GetExtension(f).ToLowerInvariant())))
                yield return new LabelledFile(file, $"{split}/{Path.GetFileName(place)}/{Path.GetRelativePath(place, file).Replace('\\', '/')}", label, split);
        }
    }

    /// <summary>The labels that class folders give: their names in order, without a number before them; none where there are no such folders.</summary>
    public static List<string> LabelsOf(string folder) => !Directory.Exists(folder) ? [] : [.. Splits(folder)
        .SelectMany(s => Directory.GetDirectories(s.Path)).Select(d => Path.GetFileName(d)!).Distinct()
        .OrderBy(NumberOf).ThenBy(n => n, StringComparer.Ordinal).Select(n => NumberOf(n) < int.MaxValue ? n[(n.IndexOf('_') + 1)..] : n)];

    // Of 3_rust 3; folders without a number come behind those with one.
    private static int NumberOf(string name) =>
        name.IndexOf('_') is var at and > 0 && int.TryParse(name[..at], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : int.MaxValue;

    private static IEnumerable<(string Path, string Split)> Splits(string folder) =>
        Directory.GetDirectories(folder).Select(d => (d, LabelledData.SplitOf(Path.GetFileName(d))!)).Where(s => s.Item2 is not null);
}
