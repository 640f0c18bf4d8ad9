using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Messages;

/// <summary>A column of whole numbers as one <see cref="NumberPacking"/> text.</summary>
public sealed class PackedNumbers : JsonConverter<IReadOnlyList<long>>
{
    /// <inheritdoc/>
    public override IReadOnlyList<long> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => PackedJson.ReadNumbers(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<long> value, JsonSerializerOptions options) => writer.WriteStringValue(NumberPacking.Pack(value));
}

/// <summary>
/// A column of whole numbers of which some are not known: the known ones packed; where some are missing, behind a point how many before each and after the last, so
/// that a gap does not disturb the differences.
/// </summary>
internal sealed class PackedOptionalNumbers : JsonConverter<IReadOnlyList<long?>>
{
    private const char Point = '.';

    public override IReadOnlyList<long?> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        PackedJson.Expect(reader.TokenType == JsonTokenType.String, "A packed list is a text.");
        var text = reader.GetString()!;
        var point = text.IndexOf(Point);
        var known = PackedJson.Numbers(point < 0 ? text : text[..point]);
        return point < 0 ? [.. known] : Spread(known, PackedJson.Numbers(text[(point + 1)..]));
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<long?> value, JsonSerializerOptions options)
    {
        var known = NumberPacking.Pack([.. value.OfType<long>()]);
        writer.WriteStringValue(value.Contains(null) ? $"{known}{Point}{NumberPacking.Pack(Gaps(value))}" : known);
    }

    private static List<long> Gaps(IReadOnlyList<long?> column)
    {
        List<long> gaps = [0];
        foreach (var number in column)
        {
            if (number is null)
                gaps[^1]++;
            else
                gaps.Add(0);
        }

        return gaps;
    }

    private static List<long?> Spread(long[] known, long[] gaps)
    {
        PackedJson.Expect(
            gaps.Length == known.Length + 1 && gaps.All(g => g is >= 0 and <= NumberPacking.CountMax) && gaps.Sum() + known.Length <= NumberPacking.CountMax,
            "A packed list has impossible gaps.");
        var column = new List<long?>();
        for (var i = 0; i < gaps.Length; i++)
        {
            column.AddRange(Enumerable.Repeat((long?)null, (int)gaps[i]));
            if (i < known.Length)
                column.Add(known[i]);
        }

        return column;
    }
}

/// <summary>A column of texts; where all are the same, that one alone.</summary>
internal static class PackedTexts
{
    /// <summary>One text where all are the same.</summary>
    public static IReadOnlyList<T> Fold<T>(IReadOnlyList<T> column) => column.Distinct().Count() == 1 ? [column[0]] : column;

    /// <summary>The text of a row.</summary>
    public static T At<T>(IReadOnlyList<T> column, int row) => column.Count == 1 ? column[0] : column[row];
}

/// <summary>
/// A sketch as <c>[zero, offset, counts]</c>; where most bins are empty, as those of times of a few microseconds, as <c>[zero, offset, counts, gaps]</c> of the others,
/// the gaps being the empty bins before each.
/// </summary>
internal sealed class PackedSketch : JsonConverter<DdSketch>
{
    private const int BinsMax = 1 << 20;

    public override DdSketch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
            return PlainForms.Sketch(ref reader);

        PackedJson.Expect(reader.TokenType == JsonTokenType.StartArray, "A sketch is an array of zero, offset and counts.");
        PackedJson.Next(ref reader, JsonTokenType.Number);
        var zero = reader.GetInt64();
        PackedJson.Next(ref reader, JsonTokenType.Number);
        var offset = reader.GetInt32();
        PackedJson.Next(ref reader, JsonTokenType.String);
        IReadOnlyList<long> counts = PackedJson.ReadNumbers(ref reader);
        PackedJson.Expect(reader.Read(), "A sketch ends too early.");
        if (reader.TokenType == JsonTokenType.String)
        {
            counts = Spread(counts, PackedJson.ReadNumbers(ref reader));
            reader.Read();
        }

        PackedJson.Expect(reader.TokenType == JsonTokenType.EndArray && zero >= 0 && counts.All(c => c >= 0) && Math.Abs((long)offset) < BinsMax,
            "A sketch has a count below 0, an impossible offset or no end.");
        return new DdSketch { Zero = zero, Offset = offset, Counts = counts };
    }

    public override void Write(Utf8JsonWriter writer, DdSketch value, JsonSerializerOptions options)
    {
        var dense = NumberPacking.Pack(value.Counts);
        var (counts, gaps) = Thin(value.Counts);
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Zero);
        writer.WriteNumberValue(value.Offset);
        if (counts.Length + gaps.Length + 3 < dense.Length)
        {
            writer.WriteStringValue(counts);
            writer.WriteStringValue(gaps);
        }
        else
        {
            writer.WriteStringValue(dense);
        }

        writer.WriteEndArray();
    }

    private static (string Counts, string Gaps) Thin(IReadOnlyList<long> all)
    {
        var (counts, gaps, empty) = (new List<long>(), new List<long>(), 0L);
        foreach (var count in all)
        {
            if (count == 0)
            {
                empty++;
                continue;
            }

            counts.Add(count);
            gaps.Add(empty);
            empty = 0;
        }

        return (NumberPacking.Pack(counts), NumberPacking.Pack(gaps));
    }

    private static List<long> Spread(IReadOnlyList<long> counts, IReadOnlyList<long> gaps)
    {
        PackedJson.Expect(counts.Count == gaps.Count && gaps.All(g => g is >= 0 and < BinsMax) && gaps.Sum() < BinsMax, "A sketch has impossible gaps.");
        var all = new List<long>();
        for (var i = 0; i < counts.Count; i++)
        {
            all.AddRange(Enumerable.Repeat(0L, (int)gaps[i]));
            all.Add(counts[i]);
        }

        return all;
    }
}

/// <summary>What the converters share.</summary>
internal static class PackedJson
{
    /// <summary>The packed numbers of the text that the reader stands on.</summary>
    public static long[] ReadNumbers(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.String, "A packed list is a text.");
        return Numbers(reader.GetString()!);
    }

    /// <summary>The numbers of a packed text.</summary>
    public static long[] Numbers(string text)
    {
        try
        {
            return NumberPacking.Unpack(text);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>Reads on; the next token must be of a kind.</summary>
    public static void Next(ref Utf8JsonReader reader, JsonTokenType kind) => Expect(reader.Read() && reader.TokenType == kind, $"A {kind} was expected.");

    /// <summary>Throws unless something holds.</summary>
    public static void Expect(bool holds, string otherwise)
    {
        if (!holds)
            throw new JsonException(otherwise);
    }
}
