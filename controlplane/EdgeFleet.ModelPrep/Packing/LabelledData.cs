using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>One labelled file.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Name">Its name within the data, with slashes.</param>
/// <param name="Label">Index of its label; -1 where one label does not say what is in it.</param>
/// <param name="Split"><c>train</c>, <c>val</c> or <c>test</c>.</param>
/// <param name="Boxes">What is in an image and where, for object detection; null where nobody has said.</param>
public sealed record LabelledFile(string Path, string Name, int Label, string Split, IReadOnlyList<Box>? Boxes = null);

/// <summary>Labelled data in splits, found on disk but not read yet. The order of files is always the same.</summary>
public sealed class LabelledData
{
    // What people call the two sides of an anomaly score.
    private static readonly Dictionary<string, int> Sides = new() { ["good"] = 0, ["ok"] = 0, ["healthy"] = 0, ["abnormal"] = 1, ["anomalous"] = 1, ["anomalies"] = 1, ["bad"] = 1 };

    private LabelledData(string name, IEnumerable<LabelledFile> files) => (Name, Files) = (name, [.. files.OrderBy(f => f.Name, StringComparer.Ordinal)]);

    /// <summary>Name of the folder or table.</summary>
    public string Name { get; }

    /// <summary>Every labelled file.</summary>
    public IReadOnlyList<LabelledFile> Files { get; }

    /// <summary>Finds the data: <c>FOLDER/split/class/files</c>, a folder with one table, or a table with columns file, label or class, split.</summary>
    /// <param name="path">Folder or table.</param>
    /// <param name="labels">Labels in the order of the outputs; class folders may carry a number and an underscore before the label.</param>
    /// <exception cref="PackException">Nothing usable there, or a class without a label.</exception>
    public static LabelledData Open(string path, IReadOnlyList<string> labels)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (File.Exists(path)) return new LabelledData(name, LabelledTable.Read(path, labels));
        if (!Directory.Exists(path)) throw new PackException($"The data {path} does not exist. Give a folder or a table.");
        if (LabelledFolder.Fits(path)) return new LabelledData(name, LabelledFolder.Read(path, labels));

        var tables = Directory.GetFiles(path, "*.csv").Where(LabelledTable.Fits).ToList();
        return tables switch
        {
            [var table] => new LabelledData(name, LabelledTable.Read(table, labels)),
            [] => throw new PackException($"{path} has neither folders train, val, test with a folder for each class, nor a table with columns file, label or class, split."),
            _ => throw new PackException($"{path} has several tables: {string.Join(", ", tables.Select(Path.GetFileName))}. Give the one to use as --data."),
        };
    }

    /// <summary>Finds the data of a task: images with or without boxes for object detection, else as <see cref="Open(string, IReadOnlyList{string})"/> says.</summary>
    /// <param name="path">Folder or table.</param>
    /// <param name="labels">Labels in the order of the outputs.</param>
    /// <param name="task">One of <see cref="ModelTask"/>.</param>
    /// <exception cref="PackException">Nothing usable there.</exception>
    public static LabelledData Open(string path, IReadOnlyList<string> labels, string task)
    {
        if (task != ModelTask.ObjectDetection) return Open(path, labels);
        if (!Directory.Exists(path)) throw new PackException($"The data {path} does not exist. Give a folder of images.");
        return new LabelledData(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))), BoxFolder.Read(path, labels.Count));
    }

    /// <summary>Finds the data as <see cref="Open(string, IReadOnlyList{string}, string)"/> does; a folder with a folder for each class and no splits is one split, <c>test</c>.</summary>
    /// <param name="path">Folder or table.</param>
    /// <param name="labels">Labels in the order of the outputs.</param>
    /// <param name="task">One of <see cref="ModelTask"/>.</param>
    /// <exception cref="PackException">Nothing usable there.</exception>
    public static LabelledData OpenFlat(string path, IReadOnlyList<string> labels, string task)
    {
        if (task == ModelTask.ObjectDetection || !Directory.Exists(path) || LabelledFolder.Fits(path) || !LabelledFolder.IsFlat(path, labels)) return Open(path, labels, task);
        return new LabelledData(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))), LabelledFolder.ReadFlat(path, labels));
    }

    /// <summary>The files of one split, in order.</summary>
    public IReadOnlyList<LabelledFile> Of(string split) => [.. Files.Where(f => f.Split == split)];

    /// <summary>Name and counts, for example <c>symptom: train 650, val 190, test 190</c>.</summary>
    public string Describe() =>
        $"{Name}: {string.Join(", ", new[] { "train", "val", "test" }.Where(s => Of(s).Count > 0).Select(s => $"{s} {Of(s).Count}"))}";

    /// <summary>The name of a split as people write it to the three known ones; null for another.</summary>
    internal static string? SplitOf(string text) => text.Trim().ToLowerInvariant() switch
    {
        "train" or "training" => "train",
        "val" or "valid" or "validation" => "val",
        "test" or "testing" => "test",
        _ => null,
    };

    /// <summary>The index of a class written as a label, or as a label behind a number and an underscore; -1 when there is none.</summary>
    internal static int LabelOf(string text, IReadOnlyList<string> labels)
    {
        if (labels.SequenceEqual(OutputSpec.ScoreLabels) && Sides.TryGetValue(text.ToLowerInvariant(), out var side)) return side;
        var bare = text.IndexOf('_') is var at and > 0 && text[..at].All(char.IsAsciiDigit) ? text[(at + 1)..] : text;
        for (var pass = 0; pass < 2; pass++)
            for (var i = 0; i < labels.Count; i++)
                if (string.Equals(labels[i], pass == 0 ? text : bare, StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }
}
