using EdgeFleet.Cli.Connection;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Cli.Enrolment;

/// <summary>Reads a CSV list of keys: <c>key,name,site,tags</c>. Pure.</summary>
internal static class KeyList
{
    private const int ColumnsMax = 4;

    /// <summary>Reads the lines; empty ones, comments (<c>#</c>) and a heading are skipped.</summary>
    /// <exception cref="UsageException">A line is not one; the text names file, line and fault.</exception>
    public static IReadOnlyList<ListedKeySummary> Read(IReadOnlyList<string> lines, string file)
    {
        var keys = new List<ListedKeySummary>();
        for (var i = 0; i < lines.Count; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#' || (keys.Count == 0 && line.StartsWith("key,", StringComparison.OrdinalIgnoreCase)))
                continue;

            var cells = line.Split(',').Select(c => c.Trim().Trim('"').Trim()).ToList();
            if (cells.Count > ColumnsMax)
                throw new UsageException($"{file}, line {i + 1} has {cells.Count} columns; there are key,name,site,tags, with spaces between tags.");
            var key = cells[0].Replace(" ", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal).ToLowerInvariant();
            if (!Sha256Digest.TryParse(key, out _))
                throw new UsageException($"{file}, line {i + 1}: '{cells[0]}' is not the SHA-256 of a key: 64 digits of 0-9 and a-f, as 'edgefleet-agent key' prints them.");
            keys.Add(new ListedKeySummary(key, Cell(cells, 1), Cell(cells, 2), Cell(cells, 3)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? []));
        }

        return keys.Count > 0 ? keys : throw new UsageException($"{file} holds no key.");
    }

    private static string? Cell(List<string> cells, int at) => at < cells.Count && cells[at].Length > 0 ? cells[at] : null;
}
