using System.Globalization;
using System.Text;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Reads CSV recordings and cuts them into windows that do not overlap; a rest shorter than a window is left out.</summary>
internal sealed class SeriesSampleReader(InputSpec input) : ISampleReader
{
    /// <inheritdoc/>
    public IEnumerable<PreparedSample> Read(LabelledFile file)
    {
        var readings = Readings(file);
        var size = input.Elements;
        for (var window = 0; (window + 1) * size <= readings.Count; window++)
        {
            var values = readings.GetRange(window * size, size).ToArray();
            var tensor = new float[size];
            SeriesPreparer.Prepare(input, values, tensor);
            yield return new PreparedSample(file, window, tensor, Array.ConvertAll(values, v => (double)v));
        }
    }

    /// <inheritdoc/>
    public byte[] Source(LabelledFile file, int window)
    {
        var lines = File.ReadLines(file.Path).Where(l => l.Length > 0).ToList();
        var rows = lines.Skip(1 + (window * input.Length)).Take(input.Length);
        return Encoding.UTF8.GetBytes(string.Join('\n', rows.Prepend(lines[0])) + "\n");
    }

    private List<float> Readings(LabelledFile file)
    {
        try
        {
            using var lines = File.ReadLines(file.Path).Where(l => l.Length > 0).GetEnumerator();
            if (!lines.MoveNext()) throw new UnreadableException("It is empty.");
            var header = CsvText.Split(lines.Current);
            var columns = input.Columns!.Select(name => (Name: name, Index: CsvText.ColumnOf(header, name))).ToList();
            if (columns.Where(c => c.Index < 0).Select(c => c.Name).ToList() is { Count: > 0 } missing)
                throw new UnreadableException($"It lacks the column(s) {string.Join(", ", missing)}; it has {string.Join(", ", header)}.");

            var readings = new List<float>();
            for (var line = 2; lines.MoveNext(); line++)
            {
                var fields = CsvText.Split(lines.Current);
                foreach (var (name, index) in columns)
                {
                    var text = index < fields.Count ? fields[index] : "";
                    if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) || !float.IsFinite(value))
                        throw new UnreadableException($"Line {line} has no number in column {name}.");
                    readings.Add(value);
                }
            }

            return readings.Count >= input.Elements ? readings
                : throw new UnreadableException($"It has {readings.Count / columns.Count} readings, a window has {input.Length}.");
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableException(unread.Message);
        }
    }
}
