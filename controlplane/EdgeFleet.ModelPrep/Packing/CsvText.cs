using System.Text;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Lines of comma-separated text; fields may stand in double quotes.</summary>
internal static class CsvText
{
    /// <summary>The fields of one line.</summary>
    public static List<string> Split(string line)
    {
        if (!line.Contains('"')) return [.. line.Split(',')];
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (quoted && line[i] == '"' && i + 1 < line.Length && line[i + 1] == '"') field.Append(line[++i]);
            else if (line[i] == '"') quoted = !quoted;
            else if (line[i] == ',' && !quoted) Take(fields, field);
            else field.Append(line[i]);
        }

        Take(fields, field);
        return fields;
    }

    /// <summary>The column of a name, whatever its case; -1 when there is none.</summary>
    public static int ColumnOf(List<string> header, string name) => header.FindIndex(h => string.Equals(h.Trim(), name, StringComparison.OrdinalIgnoreCase));

    private static void Take(List<string> fields, StringBuilder field)
    {
        fields.Add(field.ToString());
        field.Clear();
    }
}
