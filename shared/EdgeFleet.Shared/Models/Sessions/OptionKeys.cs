namespace EdgeFleet.Shared.Models.Sessions;

/// <summary>What the value of an option looks like.</summary>
public enum OptionForm
{
    /// <summary><c>0</c> or <c>1</c>.</summary>
    Flag,

    /// <summary>A whole number that is not negative.</summary>
    Count,

    /// <summary>Any text but none.</summary>
    Text,
}

/// <summary>Options that may be given by name, with the form of their values.</summary>
/// <param name="what">What they are options of, for people.</param>
/// <param name="forms">The options.</param>
public sealed class OptionKeys(string what, IReadOnlyDictionary<string, OptionForm> forms)
{
    private const int NearestCount = 3;
    private const int CountDigitsMax = 18;

    /// <summary>All of them.</summary>
    public IEnumerable<string> Known => forms.Keys;

    /// <summary>Why a key may not be set to a value, as a clause; null when it may.</summary>
    public string? WhyNot(string key, string value)
    {
        if (!forms.TryGetValue(key, out var form))
            return $"is no option of {what} that may be set; the nearest are {string.Join(", ", Nearest(key))}";

        return form switch
        {
            OptionForm.Flag when value is not ("0" or "1") => $"is '{value}', but must be \"0\" or \"1\"",
            OptionForm.Count when value.Length is 0 or > CountDigitsMax || !value.All(char.IsAsciiDigit) => $"is '{value}', but must be a whole number that is not negative",
            OptionForm.Text when value.Length == 0 => "is empty",
            _ => null,
        };
    }

    /// <summary>The known keys that are the fewest changed letters away, the nearest first.</summary>
    public IReadOnlyList<string> Nearest(string key) => [.. Known.OrderBy(k => Distance(k, key)).Take(NearestCount)];

    // Levenshtein, a row at a time.
    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var before = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (before, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, before + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }

        return row[^1];
    }
}
