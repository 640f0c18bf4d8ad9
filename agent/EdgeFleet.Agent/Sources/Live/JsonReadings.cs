using System.Text;
using System.Text.Json;

namespace EdgeFleet.Agent.Sources.Live;

/// <summary>
/// Readings in JSON: an object by column name (a dot reaches into an object in it), an array in column order, or an array of either. A value may itself be an
/// array, a burst of readings; all columns must then have as many. Other properties are passed over.
/// </summary>
internal sealed class JsonReadings(WindowGatherer into) : IReadingParser
{
    private const int DepthMax = 8;

    private IReadOnlyList<string>? _columns;
    private byte[][][] _paths = [];
    private int[][] _alike = [];
    private bool _isOneColumn;
    private int[] _places = [];
    private Burst[] _bursts = [];
    private float[] _values = [];

    /// <inheritdoc/>
    public void Parse(ReadOnlySpan<byte> text)
    {
        if (into.Columns is not { } columns)
            return;

        if (columns != _columns)
            Place(columns);
        var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = DepthMax });
        try
        {
            if (!reader.Read() || !Value(ref reader))
                into.Skip();
            if (reader.Read())
                into.Skip();
        }
        catch (JsonException)
        {
            into.Skip();
        }
    }

    // The reader stands on the first token of a reading, or of an array of readings, and ends on its last.
    private bool Value(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                Clear();
                Object(ref reader, level: 0, group: 0);
                Flush();
                return true;
            case JsonTokenType.StartArray:
                return Array(ref reader);
            default:
                reader.Skip();
                return false;
        }
    }

    private bool Array(ref Utf8JsonReader reader)
    {
        Clear();
        var position = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
            {
                if (!Value(ref reader))
                    into.Skip();
                // What came is done, and not a row that the numbers beside it belong to.
                position = -1;
                continue;
            }

            if (position < 0)
                continue;
            // One column alone: each number of the array is a reading.
            var place = _isOneColumn ? 0 : System.Array.IndexOf(_places, position);
            if (place >= 0)
                _bursts[place].Add(Number(ref reader));
            position++;
        }

        if (position > 0)
            Flush();
        return true;
    }

    // Inside an object only those columns count whose path led here: they are of one group.
    private void Object(ref Utf8JsonReader reader, int level, int group)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var (deeper, column) = (-1, -1);
            for (var c = 0; c < _paths.Length; c++)
            {
                if (_alike[c].Length <= level || _alike[c][level] != group || !reader.ValueTextEquals(_paths[c][level]))
                    continue;
                if (_paths[c].Length == level + 1)
                    column = c;
                else
                    deeper = _alike[c][level + 1];
            }

            reader.Read();
            if (column >= 0)
                Cell(ref reader, _bursts[column]);
            else if (deeper >= 0 && reader.TokenType == JsonTokenType.StartObject)
                Object(ref reader, level + 1, deeper);
            else
                reader.Skip();
        }
    }

    private static void Cell(ref Utf8JsonReader reader, Burst burst)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            burst.Add(Number(ref reader));
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            burst.Add(Number(ref reader));
    }

    // Not a number where there is none; what is skipped is passed whole.
    private static float Number(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out var value))
            return value;

        reader.Skip();
        return float.NaN;
    }

    private void Flush()
    {
        var rows = _bursts[0].Count;
        var isWhole = rows > 0;
        foreach (var burst in _bursts)
            isWhole &= burst.Count == rows;
        if (!isWhole)
        {
            into.Skip();
            Clear();
            return;
        }

        for (var r = 0; r < rows; r++)
        {
            for (var c = 0; c < _values.Length; c++)
                _values[c] = _bursts[c][r];
            if (System.Array.TrueForAll(_values, float.IsFinite))
                into.Add(_values);
            else
                into.Skip();
        }

        Clear();
    }

    private void Clear()
    {
        foreach (var burst in _bursts)
            burst.Count = 0;
    }

    private void Place(IReadOnlyList<string> columns)
    {
        _columns = columns;
        _paths = [.. columns.Select(c => c.Split('.').Select(Encoding.UTF8.GetBytes).ToArray())];
        // By column and level, the first column that has the same names above.
        _alike = [.. columns.Select(c => c.Split('.')).Select(mine => Enumerable.Range(0, mine.Length).Select(level =>
            columns.Index().First(o => o.Item.Split('.').Take(level).SequenceEqual(mine.Take(level))).Index).ToArray())];
        var line = into.LineColumns;
        _isOneColumn = line.Count == 1 && columns.Count == 1;
        _places = [.. columns.Select(c => line.Index().Where(l => l.Item == c).Select(l => l.Index).FirstOrDefault(int.MaxValue))];
        _bursts = [.. columns.Select(_ => new Burst())];
        _values = new float[columns.Count];
    }

    /// <summary>Values of one column in one message; the room is kept.</summary>
    private sealed class Burst
    {
        private float[] _values = new float[1];

        public int Count { get; set; }

        public float this[int index] => _values[index];

        public void Add(float value)
        {
            if (Count == _values.Length)
                System.Array.Resize(ref _values, 2 * Count);
            _values[Count++] = value;
        }
    }
}
