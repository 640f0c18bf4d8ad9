namespace EdgeFleet.Shared.Models;

/// <summary>What people read of a package's labels, in their language: names, and what to do.</summary>
public sealed record AdviceTexts
{
    /// <summary>Who wrote the advice, and its version, for example <c>Bureau of Plant Industry, leaflet 12 (2026-03)</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Texts by language (<c>en</c>, <c>fil</c>), then by label.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, LabelAdvice>> Languages { get; init; }

    /// <summary>The text on a label in the first of several languages that has one; null when none has.</summary>
    public LabelAdvice? Find(string label, params IReadOnlyList<string> languages)
    {
        ArgumentNullException.ThrowIfNull(languages);
        foreach (var language in languages)
        {
            if (Languages.TryGetValue(language, out var texts) && texts.TryGetValue(label, out var advice))
                return advice;
        }

        return null;
    }
}

/// <summary>One label in one language.</summary>
public sealed record LabelAdvice
{
    /// <summary>What people call it; null for the label itself.</summary>
    public string? Name { get; init; }

    /// <summary>What to do, step by step; empty where nothing needs to be done.</summary>
    public IReadOnlyList<string> Steps { get; set; } = [];
}
