using System.Globalization;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>
/// Images for object detection: <c>split/*.jpg</c>, <c>split/images/*.jpg</c>, <c>images/split/*.jpg</c>, or just <c>*.jpg</c>, which are all validation. What is in an image
/// stands in a <c>.txt</c> of the same name beside it or under <c>labels</c> in place of <c>images</c>: a line a box, <c>class centre-x centre-y width height</c>, as
/// shares of the image. Where a split has such files, an image without one has nothing in it; where it has none, nobody has said.
/// </summary>
internal static class BoxFolder
{
    private static readonly HashSet<string> Kinds = [".jpg", ".jpeg", ".png"];

    /// <summary>Every image.</summary>
    /// <exception cref="PackException">No image, or a faulty line, which is named.</exception>
    public static IEnumerable<LabelledFile> Read(string folder, int labels)
    {
        var splits = Splits(folder).ToList();
        if (splits.Count == 0) splits = [(folder, "val")];
        var files = splits.SelectMany(s => ReadSplit(folder, s.Path, s.Split, labels)).ToList();
        return files.Count > 0 ? files : throw new PackException($"{folder} has no images. Put JPEG or PNG files into it, or into train, val and test.");
    }

    private static IEnumerable<(string Path, string Split)> Splits(string folder)
    {
        var images = Path.Combine(folder, "images");
        return new[] { folder, images }.Where(Directory.Exists).SelectMany(Directory.GetDirectories)
            .Select(d => (Path: d, Split: LabelledData.SplitOf(Path.GetFileName(d))!)).Where(s => s.Split is not null);
    }

    private static IEnumerable<LabelledFile> ReadSplit(string root, string folder, string split, int labels)
    {
        var inner = Path.Combine(folder, "images");
        var place = Directory.Exists(inner) ? inner : folder;
        var images = Directory.GetFiles(place).Where(f => Kinds.Contains(Path.GetExtension(f).ToLowerInvariant())).ToList();
        var isLabelled = images.Any(i => TextOf(root, i) is not null);
        foreach (var image in images)
        {
            IReadOnlyList<Box>? boxes = TextOf(root, image) is { } text ? ReadBoxes(text, labels) : isLabelled ? [] : null;
            yield return new LabelledFile(image, Path.GetRelativePath(root, image).Replace('\\', '/'), -1, split, boxes);
        }
    }

    private static string? TextOf(string root, string image)
    {
        var beside = Path.ChangeExtension(image, ".txt");
        if (File.Exists(beside)) return beside;
        var parts = Path.GetRelativePath(root, beside).Split(Path.DirectorySeparatorChar);
        var at = Array.LastIndexOf(parts, "images");
        if (at < 0) return null;
        parts[at] = "labels";
        var apart = Path.Combine([root, .. parts]);
        return File.Exists(apart) ? apart : null;
    }

    private static List<Box> ReadBoxes(string path, int labels)
    {
        var boxes = new List<Box>();
        foreach (var (line, number) in File.ReadLines(path).Select((l, i) => (l, i + 1)).Where(l => l.l.Trim().Length > 0))
        {
            var fields = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            float[] at = [.. fields.Skip(1).Take(4).Select(f => float.TryParse(f, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) ? v : float.NaN)];
            if (fields.Length != 5 || !int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var label) || label >= labels || !at.All(v => v is >= 0 and <= 1))
                throw new PackException($"{path} line {number} is no box: '{line}'. Write class, centre x, centre y, width, height; the class 0 to {labels - 1}, the others 0 to 1.");
            boxes.Add(new Box(label, 1, at[0] - (at[2] / 2), at[1] - (at[3] / 2), at[0] + (at[2] / 2), at[1] + (at[3] / 2)));
        }

        return boxes;
    }
}
