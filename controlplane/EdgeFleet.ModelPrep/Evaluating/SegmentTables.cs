using EdgeFleet.ModelPrep.Packing;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>Tables with a column <c>file</c> that lie with the data, such as <c>provenance.csv</c> of collected samples: their other columns are segments.</summary>
internal sealed class SegmentTables
{
    private const int ColumnsShown = 20;

    private readonly List<(string Path, List<string> Header)> _tables = [];

    /// <summary>Looks at the table that is the data, or at those in its folder.</summary>
    public SegmentTables(string data)
    {
        string[] paths = File.Exists(data) ? [data] : Directory.Exists(data) ? [.. Directory.GetFiles(data, "*.csv").Order(StringComparer.Ordinal)] : [];
        foreach (var path in paths)
        {
            var header = CsvText.Split(File.ReadLines(path).FirstOrDefault() ?? "");
            if (CsvText.ColumnOf(header, "file") >= 0) _tables.Add((path, header));
        }
    }

    /// <summary>Columns that there are.</summary>
    public IReadOnlyList<string> Names => [.. _tables.SelectMany(t => t.Header).Where(h => !h.Equals("file", StringComparison.OrdinalIgnoreCase)).Distinct().Take(ColumnsShown)];

    /// <summary>The values of a column by full path of the file; null when no table has it.</summary>
    public IReadOnlyDictionary<string, string>? Column(string name)
    {
        foreach (var (path, header) in _tables)
        {
            var (file, column) = (CsvText.ColumnOf(header, "file"), CsvText.ColumnOf(header, name));
            if (column < 0) continue;
            var values = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var line in File.ReadLines(path).Skip(1))
            {
                var fields = CsvText.Split(line);
                if (fields.Count <= Math.Max(file, column)) continue;
                var value = fields[column].Trim();
                values[Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, fields[file]))] = value.Length == 0 ? "(empty)" : value;
            }

            return values;
        }

        return null;
    }
}
