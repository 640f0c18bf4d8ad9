using System.Diagnostics.CodeAnalysis;

namespace EdgeFleet.Shared.Identity;

/// <summary>The one rule for names that stand in topics, paths and certificates.</summary>
public static class Names
{
    /// <summary>True for <c>a-z 0-9 -</c> beginning with a letter or digit, within the lengths.</summary>
    public static bool IsDnsLabel([NotNullWhen(true)] string? text, int minLength, int maxLength)
    {
        if (text is null || text.Length < minLength || text.Length > maxLength || text[0] == '-')
            return false;

        foreach (var c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
                return false;
        }

        return true;
    }

    /// <summary>True for a version such as <c>2.0.1</c> or <c>2.1.0-rc.1</c>: 1 to 32 characters of <c>a-z 0-9 . - +</c>, beginning with a digit.</summary>
    public static bool IsVersion([NotNullWhen(true)] string? text) =>
        text is { Length: >= 1 and <= 32 } && char.IsAsciiDigit(text[0])
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' or '+');
}
