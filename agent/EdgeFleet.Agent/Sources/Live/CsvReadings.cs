using System.Buffers.Text;
using System.Text;

namespace EdgeFleet.Agent.Sources.Live;

/// <summary>Lines of comma-separated numbers. A line in which every wanted column is named is a header and sets the order from there on.</summary>
internal sealed class CsvReadings(WindowGatherer into) : IReadingParser
{
    private IReadOnlyList<string>? _columns;
    private int[] _places = [];
    private float[] _values = [];

    /// <inheritdoc/>
    public void Parse(ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\n"u8);
        if (into.Columns is not { } columns || text.Length == 0)
            return;

        if (columns != _columns)
            Place(columns, into.LineColumns);
        while (text.Length > 0)
        {
            var end = text.IndexOf((byte)'\n');
            Line(end < 0 ? text : text[..end]);
            text = end < 0 ? [] : text[(end + 1)..];
        }
    }

    private void Line(ReadOnlySpan<byte> line)
    {
        for (var i = 0; i < _places.Length; i++)
        {
            var field = Field(line, _places[i]);
            if (field.Length > 0 && field[0] == '+')
                field = field[1..];
            if (Utf8Parser.TryParse(field, out float value, out var used) && used == field.Length && float.IsFinite(value))
            {
                _values[i] = value;
                continue;
            }

            if (!IsHeader(line))
                into.Skip();
            return;
        }

        into.Add(_values);
    }

    private bool IsHeader(ReadOnlySpan<byte> line)
    {
        // Numbers do not name columns, and most lines that cannot be used are no header: this is off the usual way.
        var names = Encoding.UTF8.GetString(line).Split(',').Select(n => n.Trim().Trim('"')).ToList();
        if (!_columns!.All(names.Contains))
            return false;

        Place(_columns!, names);
        return true;
    }

    private void Place(IReadOnlyList<string> columns, IReadOnlyList<string> line)
    {
        _columns = columns;
        // A column that the line does not have stays out of reach, so that each line is skipped and counted.
        _places = [.. columns.Select(c => line.Index().Where(l => l.Item == c).Select(l => l.Index).FirstOrDefault(int.MaxValue))];
        _values = new float[columns.Count];
    }

    private static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, int index)
    {
        for (; index > 0; index--)
        {
            var comma = line.IndexOf((byte)',');
            if (comma < 0)
                return [];
            line = line[(comma + 1)..];
        }

        var end = line.IndexOf((byte)',');
        return (end < 0 ? line : line[..end]).Trim(" \t\r\""u8);
    }
}
