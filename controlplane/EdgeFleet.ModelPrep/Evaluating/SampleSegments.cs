using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>One way to part samples, and the part of each.</summary>
/// <param name="Name">What parts them.</param>
/// <param name="Of">The segment of a sample by its place in the list.</param>
internal sealed record Dimension(string Name, IReadOnlyList<string> Of);

/// <summary>Finds the segments of samples: the label, folders below those of the classes, columns of tables, thirds of an image feature.</summary>
internal static class SampleSegments
{
    /// <summary>Folders below those of the classes.</summary>
    public const string Folder = "folder";

    /// <summary>The true label.</summary>
    public const string Label = "label";

    private const string None = "(none)";

    /// <summary>What is compared by when nobody has said it: folders where there are some, else how bright and how sharp photos are.</summary>
    public static IReadOnlyList<string> Default(IReadOnlyList<LabelledFile> files, bool isImage) =>
        files.Any(f => FolderOf(f) != None) ? [Folder] : isImage ? [ImageFeatures.Luma, ImageFeatures.Sharpness] : [];

    /// <summary>The dimensions that were asked for.</summary>
    /// <param name="asked">Their names.</param>
    /// <param name="samples">The samples.</param>
    /// <param name="data">Where the data lies, for its tables.</param>
    /// <exception cref="PackException">One is not there; those that are, are named.</exception>
    public static IReadOnlyList<Dimension> Read(IReadOnlyList<string> asked, IReadOnlyList<AskedSample> samples, string data)
    {
        var isImage = samples.Count > 0 && samples[0].Features.Count > 0;
        var tables = new SegmentTables(data);
        return [.. asked.Select(name =>
            name == Folder ? OfFolders(samples, data)
            : isImage && ImageFeatures.IndexOf(name) is >= 0 and var feature && !ImageFeatures.All[feature].IsOfStream ? Thirds(name, [.. samples.Select(s => s.Features[feature])])
            : tables.Column(name) is { } column ? new Dimension(name, [.. samples.Select(s => column.GetValueOrDefault(Path.GetFullPath(s.Answered.File.Path), None))])
            : throw new PackException($"There is no segment '{name}'. Use {Choices(tables, isImage)}."))];
    }

    /// <summary>The folder of a file below that of its class.</summary>
    internal static string FolderOf(LabelledFile file) => file.Name.Split('/') is { Length: > 3 } parts ? string.Join('/', parts[2..^1]) : None;

    private static Dimension OfFolders(IReadOnlyList<AskedSample> samples, string data) => samples.Any(s => FolderOf(s.Answered.File) != None)
        ? new Dimension(Folder, [.. samples.Select(s => FolderOf(s.Answered.File))])
        : throw new PackException($"The class folders of {data} have no folders in them. Put files into SPLIT/CLASS/SEGMENT/, or use a column of a table.");

    private static Dimension Thirds(string name, double[] values)
    {
        var sorted = values.Order().ToArray();
        var (low, high) = (sorted[sorted.Length / 3], sorted[2 * sorted.Length / 3]);
        return new Dimension(name, [.. values.Select(v => v < low ? FormattableString.Invariant($"low, below {low:0.##}") : v < high
            ? FormattableString.Invariant($"middle, {low:0.##} to {high:0.##}") : FormattableString.Invariant($"high, from {high:0.##}"))]);
    }

    private static string Choices(SegmentTables tables, bool isImage)
    {
        var choices = new List<string> { $"'{Folder}' (folders below those of the classes)" };
        if (tables.Names.Count > 0) choices.Add($"a column ({string.Join(", ", tables.Names)})");
        if (isImage) choices.Add($"an image feature ({string.Join(", ", ImageFeatures.All.Where(f => !f.IsOfStream).Select(f => f.Name))})");
        return string.Join(", or ", choices);
    }
}
