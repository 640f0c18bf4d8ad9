namespace EdgeFleet.Shared.Models;

/// <summary>
/// The order of versions, as Semantic Versioning 2 has it (11): numbers by size, what stands after <c>-</c> comes before the version itself, and what
/// stands after <c>+</c> does not count. Versions with fewer or more numbers than three are compared the same way; a missing number is 0.
/// </summary>
public static class ReleaseVersion
{
    /// <summary>Below 0 when the first is older, above 0 when it is newer.</summary>
    public static int Compare(string one, string other)
    {
        var ((numbers, early), (otherNumbers, otherEarly)) = (Split(one), Split(other));
        for (var i = 0; i < Math.Max(numbers.Length, otherNumbers.Length); i++)
        {
            if (ComparePart(numbers.ElementAtOrDefault(i) ?? "0", otherNumbers.ElementAtOrDefault(i) ?? "0") is var order and not 0)
                return order;
        }

        return (early.Length, otherEarly.Length) switch
        {
            (0, 0) => 0,
            (0, _) => 1,
            (_, 0) => -1,
            _ => CompareEarly(early, otherEarly),
        };
    }

    /// <summary>The newer of two; an empty text is older than any version.</summary>
    public static string Later(string one, string other) => one.Length == 0 ? other : other.Length == 0 || Compare(one, other) >= 0 ? one : other;

    private static (string[] Numbers, string[] Early) Split(string version)
    {
        var text = version.Split('+')[0];
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return dash < 0 ? (text.Split('.'), []) : (text[..dash].Split('.'), text[(dash + 1)..].Split('.'));
    }

    private static int CompareEarly(string[] one, string[] other)
    {
        for (var i = 0; i < Math.Min(one.Length, other.Length); i++)
        {
            if (ComparePart(one[i], other[i]) is var order and not 0)
                return order;
        }

        return one.Length.CompareTo(other.Length);
    }

    // Numbers come before words. They may be longer than any type holds, so without leading zeros the longer one is larger.
    private static int ComparePart(string one, string other)
    {
        var (isNumber, otherIsNumber) = (one.All(char.IsAsciiDigit), other.All(char.IsAsciiDigit));
        if (isNumber != otherIsNumber)
            return isNumber ? -1 : 1;
        if (!isNumber)
            return string.CompareOrdinal(one, other);

        var (digits, otherDigits) = (one.TrimStart('0'), other.TrimStart('0'));
        return digits.Length != otherDigits.Length ? digits.Length.CompareTo(otherDigits.Length) : string.CompareOrdinal(digits, otherDigits);
    }
}
