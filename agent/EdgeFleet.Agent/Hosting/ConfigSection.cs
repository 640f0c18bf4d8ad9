using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace EdgeFleet.Agent.Hosting;

/// <summary>
/// Reads one section of the configuration by typed keys. A value that does not fit is noted and its default taken, so that reading goes on and every mistake of
/// a file is found in one go; keys that nobody asked for are mistakes too.
/// </summary>
internal sealed class ConfigSection(IConfigurationSection section, ConfigFaults faults)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The section's own name.</summary>
    public string Name => section.Key;

    /// <summary>Sections below this one, named by people: slots.</summary>
    public IReadOnlyList<ConfigSection> Named()
    {
        var children = section.GetChildren().ToList();
        _known.UnionWith(children.Select(c => c.Key));
        return [.. children.Select(c => new ConfigSection(c, faults))];
    }

    /// <summary>A section below this one; empty when it is not there.</summary>
    public ConfigSection Section(string key) => new(section.GetSection(Know(key)), faults);

    /// <summary>True when something stands under a key.</summary>
    public bool Has(string key) => section.GetSection(Know(key)).Exists();

    /// <summary>Text, or the default.</summary>
    public string Text(string key, string absent) => section[Know(key)] is { Length: > 0 } text ? text : absent;

    /// <summary>Text that must be there.</summary>
    public string Required(string key, string example)
    {
        var text = section[Know(key)];
        if (string.IsNullOrWhiteSpace(text))
            Fault(key, "is missing", example);
        return text ?? "";
    }

    /// <summary>A path that must be given, made absolute; whether something is there is for later: it may not be mounted yet.</summary>
    public string AbsolutePath(string key, string example) => Required(key, example) is { Length: > 0 } path ? Path.GetFullPath(path) : "";

    /// <summary>One of a few words.</summary>
    public string OneOf(string key, string absent, params ReadOnlySpan<string> words)
    {
        var text = Text(key, absent);
        foreach (var word in words)
        {
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
                return word;
        }

        Fault(key, $"is '{text}', but must be one of {string.Join(", ", words!)}", $"\"{absent}\"");
        return absent;
    }

    /// <summary>A whole number within bounds, both included.</summary>
    public int Int(string key, int absent, int min, int max) => Value(key, absent, $"a whole number from {min} to {max}", text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var v) && v >= min && v <= max ? v : null);

    /// <summary>A number within bounds, both included.</summary>
    public double Number(string key, double absent, double min, double max) => Value(key, absent, Invariant($"a number from {min} to {max}"), text =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) && v >= min && v <= max ? v : null);

    /// <summary>True or false.</summary>
    public bool Flag(string key, bool absent) => Value(key, absent, "true or false", text => bool.TryParse(text, out var v) ? v : null);

    /// <summary>A list of texts, or the default when it is not there.</summary>
    public IReadOnlyList<string> List(string key, IReadOnlyList<string> absent, string example)
    {
        var list = section.GetSection(Know(key));
        if (list.Value is { Length: > 0 } single)
            Fault(key, $"is '{single}', but must be a list", example);
        var values = list.GetChildren().Select(c => c.Value ?? "").ToList();
        return values.Count == 0 ? absent : values;
    }

    /// <summary>Texts by names of any kind; empty when nothing is there.</summary>
    public IReadOnlyDictionary<string, string> Texts(string key, string example)
    {
        var texts = section.GetSection(Know(key));
        if (texts.Value is { Length: > 0 } single)
            Fault(key, $"is '{single}', but must be names with texts", example);
        return texts.GetChildren().ToDictionary(c => c.Key, c => c.Value ?? "", StringComparer.Ordinal);
    }

    /// <summary>Notes a mistake at a key of this section.</summary>
    public void Fault(string key, string problem, string example) => faults.Add(key.Length == 0 ? section.Path : $"{section.Path}:{key}", problem, example);

    /// <summary>Notes the keys that no reader asked for: most are misspelt. Call it when all has been read.</summary>
    public void RejectUnknown()
    {
        foreach (var stray in section.GetChildren().Where(c => !_known.Contains(c.Key)))
            Fault(stray.Key, $"is not known here; known are {string.Join(", ", _known.Order(StringComparer.Ordinal))}", "");
    }

    /// <summary>Takes every key as known, where it cannot be said which belong here.</summary>
    public void AcceptAll() => _known.UnionWith(section.GetChildren().Select(c => c.Key));

    private string Know(string key)
    {
        _known.Add(key);
        return key;
    }

    private T Value<T>(string key, T absent, string wanted, Func<string, T?> parse)
        where T : struct
    {
        var text = section[Know(key)];
        if (text is null && !section.GetSection(key).Exists())
            return absent;
        if (text is not null && parse(text) is { } value)
            return value;

        Fault(key, $"is '{text ?? "not a plain value"}', but must be {wanted}", Invariant($"{absent}").ToLowerInvariant());
        return absent;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
