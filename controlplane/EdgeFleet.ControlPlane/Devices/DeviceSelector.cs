using System.Diagnostics.CodeAnalysis;

namespace EdgeFleet.ControlPlane.Devices;

/// <summary>What a selector can ask of a device.</summary>
internal readonly record struct SelectorFacts(string Id, string Site, IReadOnlyList<string> Tags, string Hardware, IReadOnlyList<string> Slots);

/// <summary>
/// Chooses devices: <c>all</c>, or conditions joined by <c>and</c>. A condition is a key (<c>site</c>, <c>tag</c>, <c>hw</c>, <c>device</c>, <c>slot</c>), <c>=</c>, and one
/// value or several with commas between them, of which one must fit. Pure.
/// </summary>
internal sealed class DeviceSelector
{
    private const string Example = "For example: site=luzon and tag=lab and hw=orin-nano, or device=a,b, or all.";
    private const int LengthMax = 2000;
    private static readonly string[] Keys = ["site", "tag", "hw", "device", "slot"];

    /// <summary>Chooses every device.</summary>
    public static readonly DeviceSelector All = new("all", []);

    private readonly IReadOnlyList<(string Key, string[] Values)> _conditions;

    private DeviceSelector(string text, IReadOnlyList<(string, string[])> conditions) => (Text, _conditions) = (text, conditions);

    /// <summary>The selector as text, in one spelling.</summary>
    public string Text { get; }

    /// <summary>Reads a selector; otherwise the error says what is wrong and gives an example.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DeviceSelector? selector, [NotNullWhen(false)] out string? error)
    {
        (selector, error) = Parse(text?.Trim() ?? "");
        return selector is not null;
    }

    /// <summary>True when the device is chosen.</summary>
    public bool Matches(SelectorFacts device) => _conditions.All(c => c.Key switch
    {
        "site" => c.Values.Contains(device.Site, StringComparer.OrdinalIgnoreCase),
        "tag" => c.Values.Intersect(device.Tags, StringComparer.OrdinalIgnoreCase).Any(),
        "hw" => c.Values.Contains(device.Hardware, StringComparer.OrdinalIgnoreCase),
        "device" => c.Values.Contains(device.Id),
        "slot" => c.Values.Intersect(device.Slots).Any(),
        _ => throw new InvalidOperationException($"A selector has the key '{c.Key}'."),
    });

    public override string ToString() => Text;

    private static (DeviceSelector?, string?) Parse(string text)
    {
        if (text.Length == 0)
            return Wrong("The selector is empty.");
        if (text.Length > LengthMax)
            return Wrong($"The selector has {text.Length} characters; at most {LengthMax} are taken.");
        if (text == "all")
            return (All, null);

        var conditions = new List<(string, string[])>();
        foreach (var part in SplitAtAnd(text))
        {
            var (condition, error) = ParseCondition(part);
            if (error is not null)
                return Wrong(error);
            conditions.Add(condition);
        }

        return (new DeviceSelector(string.Join(" and ", conditions.Select(c => $"{c.Item1}={string.Join(',', c.Item2)}")), conditions), null);
    }

    private static ((string, string[]) Condition, string? Error) ParseCondition(string part)
    {
        if (part.Length == 0)
            return (default, "A condition is missing beside 'and'.");
        if (part == "all")
            return (default, "'all' stands alone and cannot be joined with conditions.");
        if (part.Split('=') is not [var left, var right])
            return (default, $"'{part}' is not a condition: a key, one '=', and values.");

        var key = left.Trim();
        if (!Keys.Contains(key))
            return (default, $"There is no key '{key}': {string.Join(", ", Keys)}.");

        var values = right.Split(',', StringSplitOptions.TrimEntries);
        return Array.Find(values, v => v.Length == 0 || v.Any(char.IsWhiteSpace)) is { } bad
            ? (default, $"'{bad}' is not a value of '{key}': values are words with commas between them.")
            : ((key, values), null);
    }

    private static IEnumerable<string> SplitAtAnd(string text)
    {
        var part = new List<string>();
        foreach (var word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (word != "and")
            {
                part.Add(word);
                continue;
            }

            yield return string.Join(' ', part);
            part.Clear();
        }

        yield return string.Join(' ', part);
    }

    private static (DeviceSelector?, string?) Wrong(string what) => (null, $"{what} {Example}");
}
