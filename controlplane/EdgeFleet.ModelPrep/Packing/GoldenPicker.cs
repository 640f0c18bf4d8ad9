using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Chooses golden samples from validation: spread evenly over the classes and over how sure the float model is, the closest calls included.</summary>
internal static class GoldenPicker
{
    private const int ItemsMax = 64;
    private const int ItemsMin = 20;
    private const int PerClassMin = 2;

    // Boards download the golden set over poor links: large photos or windows make fewer items.
    private const long BytesWanted = 4L * 1024 * 1024;

    private const double LeastAgreementMax = 0.9;
    private const double LeastAgreementMin = 0.6;
    private const double Slack = 0.1;
    private const double ToleranceMin = 0.05;
    private const double ToleranceMax = 0.5;

    /// <summary>The chosen samples, in the order of the data.</summary>
    /// <param name="validation">Answers of all models on validation.</param>
    /// <param name="output">How outputs are read.</param>
    /// <param name="itemBytes">What an item costs a board to download.</param>
    public static IReadOnlyList<Answered> Pick(IReadOnlyList<Answered> validation, OutputSpec output, long itemBytes)
    {
        // An image with boxes stands for its surest one; those without are one more class.
        var classes = validation.GroupBy(a => output.Boxes is null ? a.Label : a.Answer(0)).OrderBy(g => g.Key)
            .Select(g => g.OrderBy(a => Margin(a.Answers[0], output)).ToList()).ToList();
        var wanted = Math.Clamp(BytesWanted / Math.Max(1, itemBytes), ItemsMin, ItemsMax);
        var perClass = (int)Math.Max(PerClassMin, wanted / classes.Count);
        var picked = classes.SelectMany(c => Spread(c, perClass)).ToHashSet();
        return [.. validation.Where(picked.Contains)];
    }

    /// <summary>Least agreement and tolerance: what the good variants reach here, less what another CPU's rounding may cost.</summary>
    public static (double LeastAgreement, double Tolerance) Limits(IReadOnlyList<Answered> golden, IEnumerable<int> goodModels, OutputSpec output)
    {
        double least = LeastAgreementMax, tolerance = ToleranceMin;
        foreach (var model in goodModels)
        {
            var agreement = VariantJudge.AgreementOf(golden, model, output);
            least = Math.Min(least, Math.Floor((agreement.Share - Slack) * 20) / 20);
            tolerance = Math.Max(tolerance, Math.Ceiling(2 * agreement.Change * 50) / 50);
        }

        return (Math.Max(least, LeastAgreementMin), Math.Min(tolerance, ToleranceMax));
    }

    private static double Margin(ModelAnswer answer, OutputSpec output)
    {
        if (output.Boxes is not null) return answer.Confidence;
        if (output.Score is { } score) return Math.Abs(answer.Watched - score.Threshold);
        var sorted = (answer.Kept?.Outputs ?? [0, 0]).OrderDescending().Take(2).ToArray();
        return sorted[0] - sorted[1];
    }

    // Sorted by margin: the first is the closest call, the last the surest.
    private static IEnumerable<Answered> Spread(List<Answered> sorted, int count) => count >= sorted.Count
        ? sorted
        : Enumerable.Range(0, count).Select(i => sorted[(int)((long)i * (sorted.Count - 1) / Math.Max(1, count - 1))]);
}
