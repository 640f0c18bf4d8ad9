using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Chooses golden samples from validation: spread evenly over the classes and over how sure the float model is, the closest calls included.</summary>
internal static class GoldenPicker
{
    private const int ItemsMax = 64;
    private const int ItemsMin = 20;
    private const int PerClassMin = 2;

    // Boards download the tensors over poor links: large inputs get fewer items.
    private const long TensorBytesWanted = 8L * 1024 * 1024;

    private const double LeastAgreementMax = 0.9;
    private const double LeastAgreementMin = 0.6;
    private const double Slack = 0.1;
    private const double ToleranceMin = 0.05;
    private const double ToleranceMax = 0.5;

    /// <summary>The chosen samples, in the order of the data.</summary>
    public static IReadOnlyList<Answered> Pick(IReadOnlyList<Answered> validation, int elements)
    {
        var classes = validation.GroupBy(a => a.Label).OrderBy(g => g.Key).Select(g => g.OrderBy(Margin).ToList()).ToList();
        var wanted = Math.Clamp(TensorBytesWanted / (elements * sizeof(float)), ItemsMin, ItemsMax);
        var perClass = (int)Math.Max(PerClassMin, wanted / classes.Count);
        var picked = classes.SelectMany(c => Spread(c, perClass)).ToHashSet();
        return [.. validation.Where(picked.Contains)];
    }

    /// <summary>Least agreement and tolerance: what the good variants reach here, less what another CPU's rounding may cost.</summary>
    public static (double LeastAgreement, double Tolerance) Limits(IReadOnlyList<Answered> golden, IEnumerable<int> goodModels, string activation)
    {
        double least = LeastAgreementMax, tolerance = ToleranceMin;
        foreach (var model in goodModels)
        {
            var agreed = VariantJudge.Score(golden, model).Agreement;
            least = Math.Min(least, Math.Floor((agreed - Slack) * 20) / 20);
            tolerance = Math.Max(tolerance, Math.Ceiling(2 * golden.Average(a => ProbabilityChange(a, model, activation)) * 50) / 50);
        }

        return (Math.Max(least, LeastAgreementMin), Math.Min(tolerance, ToleranceMax));
    }

    private static float Margin(Answered answered)
    {
        var sorted = answered.Outputs[0].OrderDescending().Take(2).ToArray();
        return sorted[0] - sorted[1];
    }

    // Sorted by margin: the first is the closest call, the last the surest.
    private static IEnumerable<Answered> Spread(List<Answered> sorted, int count) => count >= sorted.Count
        ? sorted
        : Enumerable.Range(0, count).Select(i => sorted[(int)((long)i * (sorted.Count - 1) / Math.Max(1, count - 1))]);

    private static double ProbabilityChange(Answered answered, int model, string activation)
    {
        float[] theirs = [.. answered.Outputs[0]], mine = [.. answered.Outputs[model]];
        var top = Activation.Apply(activation, theirs);
        Activation.Apply(activation, mine);
        return Math.Abs(mine[top] - theirs[top]);
    }
}
