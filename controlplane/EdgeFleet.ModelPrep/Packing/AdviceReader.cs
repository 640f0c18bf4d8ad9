using System.Text.Json;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Reads advice texts with limits, since staff read them on small phones and packages come from outside.</summary>
internal static class AdviceReader
{
    private const int BytesMax = 256 * 1024;
    private const int LanguagesMax = 20;
    private const int StepsMax = 10;
    private const int StepLengthMax = 300;
    private const int NameLengthMax = 60;
    private const int SourceLengthMax = 200;

    /// <summary>Reads a file that a person wrote.</summary>
    /// <exception cref="PackException">It is absent, or something is wrong with it.</exception>
    public static AdviceTexts Open(string path, IReadOnlyList<string> labels)
    {
        if (!File.Exists(path)) throw new PackException($"The advice file {path} does not exist.");
        if (new FileInfo(path).Length > BytesMax) throw new PackException($"{path} has more than {BytesMax} bytes.");
        var (texts, fault) = Read(File.ReadAllBytes(path), path, labels);
        return texts ?? throw new PackException(fault!);
    }

    /// <summary>The texts, or what is wrong in one sentence.</summary>
    public static (AdviceTexts? Texts, string? Fault) Read(byte[] bytes, string name, IReadOnlyList<string> labels)
    {
        if (bytes.Length > BytesMax) return (null, $"{name} has more than {BytesMax} bytes.");
        try
        {
            var texts = JsonSerializer.Deserialize(bytes, WireJson.Default.AdviceTexts);
            return texts is null ? (null, $"{name} is 'null'.") : Fault(texts, labels) is { } fault ? (null, $"{name}: {fault}") : (texts, null);
        }
        catch (JsonException broken)
        {
            return (null, $"{name} cannot be read: {broken.Message} It looks like {{\"source\": \"...\", \"languages\": {{\"en\": {{\"{labels[0]}\": {{\"name\": \"...\", \"steps\": [\"...\"]}}}}}}}}.");
        }
    }

    /// <summary>Labels that a language says nothing of while another does, one sentence a language.</summary>
    public static IEnumerable<string> Gaps(AdviceTexts texts)
    {
        var all = texts.Languages.Values.SelectMany(l => l.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        foreach (var (language, labels) in texts.Languages.OrderBy(l => l.Key, StringComparer.Ordinal))
            if (all.Except(labels.Keys).ToList() is { Count: > 0 } missing) yield return $"The advice in '{language}' lacks {string.Join(", ", missing)}.";
    }

    private static string? Fault(AdviceTexts texts, IReadOnlyList<string> labels)
    {
        if (texts.Source.Trim().Length is 0 or > SourceLengthMax) return $"the source is missing or longer than {SourceLengthMax} characters; say who wrote the advice, and its version.";
        if (texts.Languages.Count is 0 or > LanguagesMax) return $"it has {texts.Languages.Count} languages; 1 to {LanguagesMax} are allowed.";
        foreach (var (language, byLabel) in texts.Languages)
        {
            if (!(language.Length is >= 2 and <= 12 && language.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))) return $"'{language}' is no language tag; write en or fil.";
            foreach (var (label, advice) in byLabel)
            {
                if (!labels.Contains(label)) return $"'{label}' in '{language}' is no label; the labels are {string.Join(", ", labels)}.";
                if (advice.Name is { Length: 0 or > NameLengthMax }) return $"the name of '{label}' in '{language}' is empty or longer than {NameLengthMax} characters.";
                if (advice.Steps.Count > StepsMax) return $"'{label}' in '{language}' has {advice.Steps.Count} steps; at most {StepsMax} are read by anybody.";
                if (advice.Steps.FirstOrDefault(s => s.Trim().Length is 0 or > StepLengthMax) is { } step) return $"a step of '{label}' in '{language}' has {step.Length} characters; 1 to {StepLengthMax} are allowed.";
            }
        }

        return null;
    }
}
