using System.Globalization;
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

/// <summary>A column of whole numbers of which some are not known: those are 0, the others one more than they are from 0 on, and below as they are.</summary>
internal sealed class PackedOptionalNumbers : JsonConverter<IReadOnlyList<long?>>
{
    public override IReadOnlyList<long?> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        [.. PackedJson.ReadNumbers(ref reader).Select(n => n == 0 ? (long?)null : n > 0 ? n - 1 : n)];

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<long?> value, JsonSerializerOptions options) =>
        writer.WriteStringValue(NumberPacking.Pack([.. value.Select(n => n is null ? 0 : n >= 0 ? n.Value + 1 : n.Value)]));
}

/// <summary>A column of texts; where all are the same, that one alone.</summary>
internal static class PackedTexts
{
    /// <summary>One text where all are the same.</summary>
    public static IReadOnlyList<T> Fold<T>(IReadOnlyList<T> column) => column.Distinct().Count() == 1 ? [column[0]] : column;

    /// <summary>The text of a row.</summary>
    public static T At<T>(IReadOnlyList<T> column, int row) => column.Count == 1 ? column[0] : column[row];
}

/// <summary>A sketch as <c>[zero, offset, counts]</c>, the counts as a <see cref="NumberPacking"/> text.</summary>
internal sealed class PackedSketch : JsonConverter<DdSketch>
{
    public override DdSketch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        PackedJson.Expect(reader.TokenType == JsonTokenType.StartArray, "A sketch is an array of zero, offset and counts.");
        var zero = PackedJson.Next(ref reader, JsonTokenType.Number).GetInt64();
        var offset = PackedJson.Next(ref reader, JsonTokenType.Number).GetInt32();
        PackedJson.Next(ref reader, JsonTokenType.String);
        var counts = PackedJson.ReadNumbers(ref reader);
        PackedJson.Next(ref reader, JsonTokenType.EndArray);
        PackedJson.Expect(zero >= 0 && counts.All(c => c >= 0) && Math.Abs((long)offset) < 1 << 20, "A sketch has a count below 0 or an impossible offset.");
        return new DdSketch { Zero = zero, Offset = offset, Counts = counts };
    }

    public override void Write(Utf8JsonWriter writer, DdSketch value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Zero);
        writer.WriteNumberValue(value.Offset);
        writer.WriteStringValue(NumberPacking.Pack(value.Counts));
        writer.WriteEndArray();
    }
}

/// <summary>A feature's profile as <c>[name, counts, mean, deviation, least, greatest]</c>: counts packed, the four numbers to five digits.</summary>
internal sealed class PackedFeature : JsonConverter<FeatureProfile>
{
    public override FeatureProfile Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        PackedJson.Expect(reader.TokenType == JsonTokenType.StartArray, "A feature is an array of name, counts, mean, deviation, least and greatest.");
        var name = PackedJson.Next(ref reader, JsonTokenType.String).GetString()!;
        PackedJson.Next(ref reader, JsonTokenType.String);
        var counts = PackedJson.ReadNumbers(ref reader);
        Span<double> numbers = stackalloc double[4];
        foreach (ref var number in numbers)
            number = PackedJson.Next(ref reader, JsonTokenType.Number).GetDouble();
        PackedJson.Next(ref reader, JsonTokenType.EndArray);
        PackedJson.Expect(counts.All(c => c >= 0), "A feature has a count below 0.");
        var count = counts.Sum();
        return new FeatureProfile
        {
            Name = name,
            Counts = counts,
            Moments = new Moments { Count = count, Mean = numbers[0], M2 = count < 2 ? 0 : numbers[1] * numbers[1] * (count - 1), Min = numbers[2], Max = numbers[3] },
        };
    }

    public override void Write(Utf8JsonWriter writer, FeatureProfile value, JsonSerializerOptions options)
    {
        var moments = value.Moments;
        writer.WriteStartArray();
        writer.WriteStringValue(value.Name);
        writer.WriteStringValue(NumberPacking.Pack(value.Counts));
        foreach (var number in (ReadOnlySpan<double>)[moments.Mean, Math.Sqrt(moments.Variance), moments.Min, moments.Max])
            writer.WriteRawValue(number.ToString("G5", CultureInfo.InvariantCulture));
        writer.WriteEndArray();
    }
}

/// <summary>What the converters share.</summary>
internal static class PackedJson
{
    /// <summary>The packed numbers of the text that the reader stands on.</summary>
    public static long[] ReadNumbers(ref Utf8JsonReader reader)
    {
        Expect(reader.TokenType == JsonTokenType.String, "A packed list is a text.");
        try
        {
            return NumberPacking.Unpack(reader.GetString()!);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    /// <summary>Reads on; the next token must be of a kind.</summary>
    public static ref Utf8JsonReader Next(ref Utf8JsonReader reader, JsonTokenType kind)
    {
        Expect(reader.Read() && reader.TokenType == kind, $"A {kind} was expected.");
        return ref reader;
    }

    /// <summary>Throws unless something holds.</summary>
    public static void Expect(bool holds, string otherwise)
    {
        if (!holds)
            throw new JsonException(otherwise);
    }
}
