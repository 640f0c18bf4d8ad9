using System.Globalization;

namespace EdgeFleet.Agent.Sources;

/// <summary>Reads chosen columns of a CSV file with a header, row by row. Fields are separated by commas; quotes around a field are taken off.</summary>
internal sealed class CsvRows : IDisposable
{
    private readonly StreamReader _reader;
    private readonly int[] _columns;

    private CsvRows(StreamReader reader, int[] columns)
    {
        _reader = reader;
        _columns = columns;
    }

    /// <summary>Number of the row last read, 1 for the first below the header.</summary>
    public long RowNumber { get; private set; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">File.</param>
    /// <param name="columns">Names of the columns wanted, in this order.</param>
    /// <param name="fault">What is wrong with the file, when null is returned.</param>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    public static CsvRows? Open(string path, IReadOnlyList<string> columns, out string fault)
    {
        var reader = new StreamReader(path);
        var there = Header(reader);
        var missing = columns.Where(c => !there.Contains(c)).ToList();
        fault = missing.Count == 0 ? "" : $"{path} has no column '{string.Join("', '", missing)}'; it has '{string.Join("', '", there)}'.";
        if (missing.Count == 0)
            return new CsvRows(reader, [.. columns.Select(c => Array.IndexOf(there, c))]);

        reader.Dispose();
        return null;
    }

    /// <summary>Reads the next row.</summary>
    /// <param name="values">Room for a value a column.</param>
    /// <returns>True for a row of numbers, false for one that has something else in it, null at the end.</returns>
    public bool? Next(Span<float> values)
    {
        if (_reader.ReadLine() is not { } line)
            return null;

        RowNumber++;
        for (var i = 0; i < _columns.Length; i++)
        {
            if (!float.TryParse(Field(line, _columns[i]), NumberStyles.Float, CultureInfo.InvariantCulture, out values[i]) || !float.IsFinite(values[i]))
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private static string[] Header(StreamReader reader)
    {
        try
        {
            return [.. (reader.ReadLine() ?? "").Split(',').Select(n => n.Trim().Trim('"'))];
        }
        catch (IOException)
        {
            reader.Dispose();
            throw;
        }
    }

    private static ReadOnlySpan<char> Field(ReadOnlySpan<char> line, int index)
    {
        for (; index > 0; index--)
        {
            var comma = line.IndexOf(',');
            if (comma < 0)
                return [];
            line = line[(comma + 1)..];
        }

        var end = line.IndexOf(',');
        return (end < 0 ? line : line[..end]).Trim().Trim('"');
    }
}
