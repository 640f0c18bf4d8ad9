using EdgeFleet.Shared.Api;

namespace EdgeFleet.Cli.Samples;

/// <summary>One photo, and what all who judged it come down to.</summary>
/// <param name="Photo">SHA-256 of the photo.</param>
/// <param name="Label">What it is; null where nobody knows, or people differ.</param>
/// <param name="Why">Why it has no label, in words; empty where it has one.</param>
/// <param name="Last">The newest verdict, for device, answer and time.</param>
/// <param name="Verdicts">The last word of each person, oldest first.</param>
internal sealed record SettledSample(string Photo, string? Label, string Why, JudgedSample Last, IReadOnlyList<JudgedSample> Verdicts)
{
    /// <summary>Settles what people said. Pure: of each person the last word on a photo counts, and a label needs that nobody speaks against it.</summary>
    public static IReadOnlyList<SettledSample> Of(IEnumerable<JudgedSample> verdicts) => [.. verdicts.Where(v => v.Photo is not null).GroupBy(v => v.Photo!)
        .Select(photo => Settle(photo.Key, [.. photo.GroupBy(v => v.Who).Select(mine => mine.MaxBy(v => v.Id)!).OrderBy(v => v.Id)]))
        .OrderBy(s => s.Last.Id)];

    private static SettledSample Settle(string photo, IReadOnlyList<JudgedSample> words)
    {
        var claimed = words.Select(ClaimOf).OfType<string>().Distinct().ToList();
        var denied = words.Where(w => w.Verdict == "wrong").Select(w => w.Answer).ToHashSet();
        var (label, why) = claimed switch
        {
            [var one] when !denied.Contains(one) => (one, ""),
            [] when denied.Count > 0 => (null, "wrong, and nobody said what it is"),
            [] => ((string?)null, "nobody is sure"),
            _ => (null, $"people differ: {string.Join(", ", words.Select(w => $"{w.Who} {ClaimOf(w) ?? (w.Verdict == "wrong" ? $"not {w.Answer}" : "not sure")}"))}"),
        };
        return new SettledSample(photo, label, why, words[^1], words);
    }

    private static string? ClaimOf(JudgedSample word) => word.Verdict switch { "right" => word.Answer, "wrong" => word.Label, _ => null };
}
