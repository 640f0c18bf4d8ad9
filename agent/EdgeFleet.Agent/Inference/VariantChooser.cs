using EdgeFleet.Shared.Models;

namespace EdgeFleet.Agent.Inference;

/// <summary>What a board offers a model, as far as it decides between variants.</summary>
/// <param name="Providers">Execution providers of this agent's ONNX Runtime, best first.</param>
/// <param name="CpuFeatures">CPU features by their names in /proc/cpuinfo.</param>
internal sealed record BoardFacts(IReadOnlyList<string> Providers, IReadOnlySet<string> CpuFeatures)
{
    /// <summary>Names of variants, the best first; others come after them in the manifest's order.</summary>
    public IReadOnlyList<string> Preference { get; init; } = ["cpu-int8", "cpu-fp32"];

    /// <summary>Reads the facts of this board.</summary>
    public static BoardFacts Read(string cpuInfo = "/proc/cpuinfo")
    {
        // x64 says "flags", arm64 "Features"; all cores of a board say the same for what models ask.
        if (!File.Exists(cpuInfo))
            return new BoardFacts(["cpu"], new HashSet<string>());

        var line = File.ReadLines(cpuInfo).FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal) || l.StartsWith("Features", StringComparison.Ordinal));
        var features = line?[(line.IndexOf(':') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        return new BoardFacts(["cpu"], features.ToHashSet(StringComparer.Ordinal));
    }
}

/// <summary>Picks the variant of a package for a board.</summary>
internal static class VariantChooser
{
    /// <summary>The first variant, by the board's order of providers, then its preference, then the manifest's order, whose needs the board meets; null with the reason if there is none.</summary>
    public static Variant? Choose(Manifest manifest, BoardFacts board, out string reason)
    {
        reason = "";
        if (Ranked(manifest, board) is [var best, ..])
            return best;

        reason = $"No variant of {manifest.Name}@{manifest.Version} fits this board, which offers {string.Join(", ", board.Providers)}: "
            + string.Join("; ", manifest.Variants.Select(v => $"{v.Name} needs {string.Join(' ', v.CpuFeatures.Where(f => !board.CpuFeatures.Contains(f)).Prepend(v.Provider))}"))
            + ". Publish a variant for this kind of board.";
        return null;
    }

    /// <summary>The best variant for every provider of the board that has one, in the order of the providers.</summary>
    public static IReadOnlyList<Variant> Ranked(Manifest manifest, BoardFacts board) =>
    [
        .. board.Providers
            .Select(p => manifest.Variants
                .Where(v => v.Provider == p && v.CpuFeatures.All(board.CpuFeatures.Contains))
                .OrderBy(v => Rank(v.Name, board.Preference))
                .FirstOrDefault())
            .OfType<Variant>(),
    ];

    /// <summary>The variants that a board keeps on disk: the best one, and the last resort for the day on which its provider is gone.</summary>
    public static IReadOnlyList<Variant> Kept(Manifest manifest, BoardFacts board) =>
        Ranked(manifest, board) is [var best, .., var last] ? [best, last] : Ranked(manifest, board);

    private static int Rank(string name, IReadOnlyList<string> preference) =>
        Enumerable.Range(0, preference.Count).FirstOrDefault(i => preference[i] == name, preference.Count);
}
