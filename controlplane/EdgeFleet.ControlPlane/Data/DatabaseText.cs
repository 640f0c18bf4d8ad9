namespace EdgeFleet.ControlPlane.Data;

/// <summary>Texts of devices on their way into a column.</summary>
internal static class DatabaseText
{
    /// <summary>At most so many characters, and never half a surrogate pair, which PostgreSQL refuses.</summary>
    public static string Cut(string text, int max) => text.Length <= max ? text : text[..(char.IsHighSurrogate(text[max - 1]) ? max - 1 : max)];
}
