using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Messages;

/// <summary>
/// Profiles of features by column, <c>[names, bins, counts, mantissas, exponents]</c>: the names in one text with a line each (those of images by the set's name), how
/// many bins each has, all counts, and of all means, deviations, least and greatest values four, four, three and three decimal digits.
/// </summary>
public sealed class PackedFeatures : JsonConverter<IReadOnlyList<FeatureProfile>>
{
    /// <summary>Stands for the names of <see cref="ImageFeatures"/> that a package's reference has, in their order.</summary>
    public const string ImageSet = "image-1";

    private const int BinsMax = 10_000;
    private static readonly string ImageNames = string.Join('\n', ImageFeatures.All.Where(f => !f.IsOfStream).Select(f => f.Name));
    private static readonly int[] Digits = [4, 4, 3, 3];

    /// <inheritdoc/>
    public override IReadOnlyList<FeatureProfile> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        PackedJson.Expect(reader.TokenType == JsonTokenType.StartArray, "Features are an array of names, bins, counts, mantissas and exponents.");
        if (IsPlain(reader))
            return PlainForms.Features(ref reader);

        PackedJson.Next(ref reader, JsonTokenType.String);
        var text = reader.GetString()!;
        string[] names = text.Length == 0 ? [] : (text == ImageSet ? ImageNames : text).Split('\n');
        var (bins, counts, mantissas, exponents) = (Column(ref reader), Column(ref reader), Column(ref reader), Column(ref reader));
        PackedJson.Next(ref reader, JsonTokenType.EndArray);
        PackedJson.Expect(
            bins.Length == names.Length && bins.All(b => b is >= 1 and <= BinsMax) && bins.Sum() == counts.Length && counts.All(c => c >= 0)
            && mantissas.Length == Digits.Length * names.Length && exponents.Length == mantissas.Length && exponents.All(e => e is > -400 and < 400),
            "The columns of features do not fit together.");
        return Rows(names, bins, counts, [.. mantissas.Zip(exponents, DecimalOf)]);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<FeatureProfile> value, JsonSerializerOptions options)
    {
        var names = string.Join('\n', value.Select(f => f.Name));
        var numbers = Kinds(value).SelectMany((kind, k) => kind.Select(number => Split(number, Digits[k]))).ToList();
        writer.WriteStartArray();
        writer.WriteStringValue(names == ImageNames ? ImageSet : names);
        writer.WriteStringValue(NumberPacking.Pack([.. value.Select(f => (long)f.Counts.Count)]));
        writer.WriteStringValue(NumberPacking.Pack([.. value.SelectMany(f => f.Counts)]));
        writer.WriteStringValue(NumberPacking.Pack([.. numbers.Select(n => n.Mantissa)]));
        writer.WriteStringValue(NumberPacking.Pack([.. numbers.Select(n => n.Exponent)]));
        writer.WriteEndArray();
    }

    // A copy of the reader looks ahead: of one another feature, or of none.
    private static bool IsPlain(Utf8JsonReader reader) => reader.Read() && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.EndArray;

    private static long[] Column(ref Utf8JsonReader reader)
    {
        PackedJson.Next(ref reader, JsonTokenType.String);
        return PackedJson.ReadNumbers(ref reader);
    }

    private static IEnumerable<IEnumerable<double>> Kinds(IReadOnlyList<FeatureProfile> features) =>
    [
        features.Select(f => f.Moments.Mean),
        features.Select(f => Math.Sqrt(f.Moments.Variance)),
        features.Select(f => f.Moments.Min),
        features.Select(f => f.Moments.Max),
    ];

    private static IReadOnlyList<FeatureProfile> Rows(string[] names, long[] bins, long[] counts, double[] numbers)
    {
        var rows = new FeatureProfile[names.Length];
        var from = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var own = counts[from..(from += (int)bins[i])];
            var count = own.Sum();
            var deviation = numbers[names.Length + i];
            rows[i] = new FeatureProfile
            {
                Name = names[i],
                Counts = own,
                Moments = new Moments
                {
                    Count = count,
                    Mean = numbers[i],
                    M2 = count < 2 ? 0 : deviation * deviation * (count - 1),
                    Min = numbers[2 * names.Length + i],
                    Max = numbers[3 * names.Length + i],
                },
            };
        }

        return rows;
    }

    private static (long Mantissa, long Exponent) Split(double value, int digits)
    {
        if (value == 0 || !double.IsFinite(value))
            return (0, 0);

        var exponent = (int)Math.Floor(Math.Log10(Math.Abs(value))) - digits + 1;
        var mantissa = (long)Math.Round(value * Math.Pow(10, -exponent));
        while (mantissa % 10 == 0 && mantissa != 0 && exponent < 0)
            (mantissa, exponent) = (mantissa / 10, exponent + 1);
        return (mantissa, exponent);
    }

    private static double DecimalOf(long mantissa, long exponent) => exponent < 0 ? mantissa / Math.Pow(10, -exponent) : mantissa * Math.Pow(10, exponent);
}

/// <summary>One feature, as <see cref="PackedFeatures"/> of one.</summary>
public sealed class PackedFeature : JsonConverter<FeatureProfile>
{
    private static readonly PackedFeatures Many = new();

    /// <inheritdoc/>
    public override FeatureProfile Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.StartObject ? PlainForms.Feature(ref reader)
        : Many.Read(ref reader, typeToConvert, options) is [var one] ? one : throw new JsonException("One feature was expected.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FeatureProfile value, JsonSerializerOptions options) => Many.Write(writer, [value], options);
}
