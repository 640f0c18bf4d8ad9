using System.Globalization;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Labelled data as a table: columns <c>file</c> (relative to the table), <c>label</c> or <c>class</c>, <c>split</c>.</summary>
internal static class LabelledTable
{
    /// <summary>Whether a file has the columns.</summary>
    public static bool Fits(string path) => Columns(CsvText.Split(File.ReadLines(path).FirstOrDefault() ?? "")) is (>= 0, >= 0, >= 0);

    /// <summary>Every row.</summary>
    public static IEnumerable<LabelledFile> Read(string path, IReadOnlyList<string> labels)
    {
        var (file, label, split) = Columns(CsvText.Split(File.ReadLines(path).FirstOrDefault() ?? ""));
        string[] missing = [.. new[] { (file, "file"), (label, "label or class"), (split, "split") }.Where(c => c.Item1 < 0).Select(c => c.Item2)];
        if (missing.Length > 0) throw new PackException($"{path} lacks the column(s) {string.Join(" and ", missing)}.");

        var number = 1;
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            number++;
            if (line.Length == 0) continue;
            var fields = CsvText.Split(line);
            if (fields.Count <= Math.Max(file, Math.Max(label, split))) throw new PackException($"{path} line {number} has too few fields.");
            yield return Row(path, number, fields[file], fields[label], fields[split], labels);
        }
    }

    private static LabelledFile Row(string path, int number, string file, string label, string split, IReadOnlyList<string> labels)
    {
        var index = LabelledData.LabelOf(label, labels);
        if (index < 0 && int.TryParse(label, CultureInfo.InvariantCulture, out var given) && given >= 0 && given < labels.Count) index = given;
        if (index < 0) throw new PackException($"{path} line {number} has the class '{label}'; the labels are {string.Join(", ", labels)}.");
        var known = LabelledData.SplitOf(split) ?? throw new PackException($"{path} line {number} has the split '{split}'; use train, val or test.");
        return new LabelledFile(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, file), file.Replace('\\', '/'), index, known);
    }

    private static (int File, int Label, int Split) Columns(List<string> header)
    {
        var label = CsvText.ColumnOf(header, "label");
        return (CsvText.ColumnOf(header, "file"), label >= 0 ? label : CsvText.ColumnOf(header, "class"), CsvText.ColumnOf(header, "split"));
    }
}
