using System.Text.Json;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Shared.Messages;

/// <summary>
/// What the first agents wrote, before columns were packed: sketches and features as objects, sketches in bins of constant growth. It waits in their outboxes and
/// stands in stores, so the converters of the packed forms read it too; nothing writes it any more.
/// </summary>
internal static class PlainForms
{
    // Sketches had bin i hold (gamma^(i-1), gamma^i]; the furthest that a double can tell.
    private const double Gamma = 1.01 / 0.99;
    private const int BinsMax = 30_000;

    /// <summary>A sketch <c>{zero, offset, counts}</c>, its counts put into the bins of today: a value is then within 2 % of what it was.</summary>
    public static DdSketch Sketch(ref Utf8JsonReader reader)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        var (zero, offset, counts) = (Number(Member(json.RootElement, "zero")), Number(Member(json.RootElement, "offset")), Items(Member(json.RootElement, "counts"), Number));
        PackedJson.Expect(zero >= 0 && counts.All(c => c >= 0) && Math.Abs(offset) + counts.Length < BinsMax, "A sketch has a count below 0 or an impossible offset.");
        var bins = new SortedDictionary<int, long>();
        for (var i = 0; i < counts.Length; i++)
        {
            var bin = DdSketch.IndexOf(2 * Math.Pow(Gamma, offset + i) / (Gamma + 1));
            if (counts[i] > 0)
                bins[bin] = bins.GetValueOrDefault(bin) + counts[i];
        }

        if (bins.Count == 0)
            return new DdSketch { Zero = zero };

        var dense = new long[bins.Keys.Last() - bins.Keys.First() + 1];
        foreach (var (bin, count) in bins)
            dense[bin - bins.Keys.First()] = count;
        return new DdSketch { Zero = zero, Offset = bins.Keys.First(), Counts = dense };
    }

    /// <summary>Features <c>[{name, counts, moments}]</c>.</summary>
    public static IReadOnlyList<FeatureProfile> Features(ref Utf8JsonReader reader)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        return Items(json.RootElement, FeatureOf);
    }

    /// <summary>One feature <c>{name, counts, moments}</c>.</summary>
    public static FeatureProfile Feature(ref Utf8JsonReader reader)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        return FeatureOf(json.RootElement);
    }

    private static FeatureProfile FeatureOf(JsonElement json)
    {
        var (name, counts, moments) = (Member(json, "name"), Items(Member(json, "counts"), Number), Member(json, "moments"));
        PackedJson.Expect(name.ValueKind == JsonValueKind.String && counts.All(c => c >= 0), "A feature has no name or a count below 0.");
        return new FeatureProfile
        {
            Name = name.GetString()!,
            Counts = counts,
            Moments = new Moments
            {
                Count = Number(Member(moments, "count")), Mean = Real(Member(moments, "mean")), M2 = Real(Member(moments, "m2")),
                Min = Real(Member(moments, "min")), Max = Real(Member(moments, "max")),
            },
        };
    }

    private static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : throw new JsonException($"A plain form has no '{name}'.");

    private static T[] Items<T>(JsonElement json, Func<JsonElement, T> each) => json.ValueKind == JsonValueKind.Array && json.GetArrayLength() <= NumberPacking.CountMax
        ? [.. json.EnumerateArray().Select(each)]
        : throw new JsonException("A plain form has no list, or too long a one.");

    private static long Number(JsonElement json) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var number) ? number : throw new JsonException("A plain form has something else in place of a whole number.");

    private static double Real(JsonElement json) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var number) ? number : throw new JsonException("A plain form has something else in place of a number.");
}
