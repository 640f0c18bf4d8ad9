using EdgeFleet.Cli.Connection;

namespace EdgeFleet.Cli.Keys;

/// <summary>Ids of keys as people type them.</summary>
internal static class KeyIds
{
    private const int DigitsMin = 8;

    /// <summary>The id that begins with what was typed.</summary>
    /// <param name="ids">Ids that there are.</param>
    /// <param name="start">What was typed.</param>
    /// <param name="where">Whose keys they are, for the message.</param>
    public static string Full(IReadOnlyList<string> ids, string start, string where) =>
        start.Length >= DigitsMin && ids.Where(k => k.StartsWith(start, StringComparison.OrdinalIgnoreCase)).ToList() is [var id]
            ? id
            : throw new UsageException($"'{start}' is not {DigitsMin} digits or more of one key of {where}. Its keys: {string.Join(", ", ids.Select(k => k[..12]))}.");
}
