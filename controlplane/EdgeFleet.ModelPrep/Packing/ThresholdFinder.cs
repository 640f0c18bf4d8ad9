using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Finds the threshold of an anomaly score, its bounds and the spread of normal scores from the float model's scores on validation.</summary>
internal static class ThresholdFinder
{
    /// <summary>The specs with the score settled; others come back as they are.</summary>
    /// <exception cref="PackException">The scores of normal samples say nothing.</exception>
    public static PackSpecs Settle(PackSpecs specs, PackRequest request, LabelledData data, PackModels models, CancellationToken cancel)
    {
        if (specs.Output.Score is not { } score) return specs;
        var runner = new ModelRunner([models.Sessions[0]], models.Names, specs.Input, specs.Output);
        var scores = runner.Ask(new SplitReader(ISampleReader.For(specs.Input)).Read(data.Of("val"), cancel))
            .Select(a => (IsAnomaly: a.Label == 1, Score: a.Answers[0].Watched)).ToList();
        if (scores.Any(s => !double.IsFinite(s.Score))) throw new PackException($"{models.Names[0]} scores validation samples with a value that is not a number.");

        var normal = scores.Where(s => !s.IsAnomaly).Select(s => s.Score).ToList();
        var mean = normal.Average();
        var spread = Math.Sqrt(normal.Average(s => (s - mean) * (s - mean)));
        if (!(spread > 0)) throw new PackException(FormattableString.Invariant($"{models.Names[0]} scores every normal validation sample {mean}. A score that never changes tells nothing apart."));

        var threshold = Rounded(request.Score!.Threshold ?? Best(scores, score.Direction));
        // From a common normal sample to a common anomaly: beyond these a threshold raises no alert, or raises one for everything.
        double[] reach = [threshold, Rounded(mean), Rounded(scores.Where(s => s.IsAnomaly).Average(s => s.Score))];
        return specs with
        {
            Output = specs.Output with { Score = score with { Threshold = threshold, ThresholdLow = reach.Min(), ThresholdHigh = reach.Max(), Spread = Rounded(spread) } },
        };
    }

    /// <summary>The middle of the gap with the greatest mean of the two shares of right answers; the first of equals, seen from the normal side.</summary>
    internal static double Best(IReadOnlyList<(bool IsAnomaly, double Score)> scores, string direction)
    {
        // Turned round, so that an anomaly is always above.
        var sign = direction == "below" ? -1 : 1;
        var sorted = scores.Select(s => (s.IsAnomaly, Score: sign * s.Score)).OrderBy(s => s.Score).ToList();
        double normals = sorted.Count(s => !s.IsAnomaly), anomalies = sorted.Count - normals;
        var (best, rightMax, below, above) = (sorted[0].Score, double.NegativeInfinity, 0.0, anomalies);
        for (var i = 0; i + 1 < sorted.Count; i++)
        {
            below += sorted[i].IsAnomaly ? 0 : 1;
            above -= sorted[i].IsAnomaly ? 1 : 0;
            var right = (below / normals) + (above / anomalies);
            if (sorted[i].Score < sorted[i + 1].Score && right > rightMax)
                (best, rightMax) = ((sorted[i].Score + sorted[i + 1].Score) / 2, right);
        }

        return sign * best;
    }

    private static double Rounded(double value) =>
        double.Parse(value.ToString("G6", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture);
}
