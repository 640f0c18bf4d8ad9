using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>Decides who is served worse: each segment against all others of its dimension, by intervals that hold for all comparisons at once. Pure.</summary>
internal static class SegmentJudge
{
    /// <summary>Samples that a segment, and the others together, need before they are compared.</summary>
    public const int SamplesMin = 20;

    private const int SegmentsMax = 50;

    /// <summary>The segments of one model, the worst of each dimension first.</summary>
    /// <param name="answers">The answers.</param>
    /// <param name="model">Which model's.</param>
    /// <param name="output">How they are read.</param>
    /// <param name="dimensions">How samples are parted.</param>
    /// <exception cref="PackException">A dimension has too many segments to tell anything.</exception>
    public static IReadOnlyList<SegmentScore> Judge(IReadOnlyList<Answered> answers, int model, OutputSpec output, IReadOnlyList<Dimension> dimensions)
    {
        var rights = answers.Select(a => ModelScorer.IsRight(a, model, output)).ToArray();
        var parts = dimensions.SelectMany(d => PartsOf(d, rights.Length)).ToList();
        var z = ShareDifference.ZFor(parts.Count(p => IsEnough(p, rights.Length)));
        return [.. parts.Select(p => Score(p, rights, answers, z)).OrderBy(s => dimensions.ToList().FindIndex(d => d.Name == s.Dimension)).ThenBy(s => s.Difference ?? 2)];
    }

    /// <summary>The sentences on those that are worse.</summary>
    public static IReadOnlyList<string> Sentences(IReadOnlyList<SegmentScore> scores, string noun)
    {
        var compared = scores.Count(s => s.Difference is not null);
        return [.. scores.Where(s => s.IsWorse).OrderBy(s => s.Difference).Select(s => FormattableString.Invariant(
            $"{s.Dimension} {s.Segment}: right on {s.Right.Hits} of {s.Right.Of} {noun} ({Percent(s.Right.Share)}) where the others are right on {Percent(s.Others.Share)}: {Points(-s.Difference!.Value)} points worse ({Points(-s.High!.Value)} to {Points(-s.Low!.Value)}, 95 % over {compared} comparisons).{Mix(s)}"))];
    }

    private static string Mix(SegmentScore score) => score.FromMix is < -0.005
        ? FormattableString.Invariant($" Its mix of labels explains {Points(Math.Min(-score.FromMix.Value, -score.Difference!.Value))} of them.") : "";

    private static string Percent(double share) => FormattableString.Invariant($"{100 * share:0.0} %");

    private static string Points(double share) => FormattableString.Invariant($"{100 * share:0.0}");

    private static IEnumerable<Part> PartsOf(Dimension dimension, int samples)
    {
        var groups = Enumerable.Range(0, samples).GroupBy(i => dimension.Of[i]).ToList();
        if (groups.Count > SegmentsMax) throw new PackException($"'{dimension.Name}' parts {samples} samples into {groups.Count} segments; at most {SegmentsMax} tell anything. Use a coarser column.");
        return groups.Count < 2 ? [] : groups.Select(g => new Part(dimension.Name, g.Key, [.. g]));
    }

    private static bool IsEnough(Part part, int all) => part.Samples.Count >= SamplesMin && all - part.Samples.Count >= SamplesMin;

    private static SegmentScore Score(Part part, bool[] rights, IReadOnlyList<Answered> answers, double z)
    {
        var (hits, of) = (part.Samples.Count(i => rights[i]), part.Samples.Count);
        var (otherHits, otherOf) = (rights.Count(r => r) - hits, rights.Length - of);
        var (mine, others) = (ShareEstimate.Of95(hits, of), ShareEstimate.Of95(otherHits, otherOf));
        if (!IsEnough(part, rights.Length)) return new SegmentScore(part.Dimension, part.Segment, mine, others, null, null, null, null, IsWorse: false);
        var (low, high) = ShareDifference.Interval(hits, of, otherHits, otherOf, z);
        return new SegmentScore(part.Dimension, part.Segment, mine, others, mine.Share - others.Share, low, high, FromMix(part, rights, answers), high < 0);
    }

    // What the others would score with this segment's labels, less what they do score (direct standardization).
    private static double? FromMix(Part part, bool[] rights, IReadOnlyList<Answered> answers)
    {
        if (part.Dimension == SampleSegments.Label || answers.Any(a => a.Label < 0)) return null;
        var others = Enumerable.Range(0, rights.Length).Except(part.Samples).ToLookup(i => answers[i].Label);
        var known = part.Samples.Where(i => others.Contains(answers[i].Label)).ToList();
        if (known.Count < part.Samples.Count) return null;
        var expected = known.Average(i => others[answers[i].Label].Average(o => rights[o] ? 1.0 : 0));
        return expected - others.SelectMany(g => g).Average(i => rights[i] ? 1.0 : 0);
    }

    private sealed record Part(string Dimension, string Segment, IReadOnlyList<int> Samples);
}
