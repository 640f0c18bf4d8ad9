using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>
/// Mean average precision at an overlap of 0.5: for each label the area under the curve of precision over recall (each recall at the best precision that is
/// reached there or beyond, as PASCAL VOC does since 2010), then the mean over the labels that occur. Boxes below the model's least score are not in it.
/// </summary>
internal static class AveragePrecision
{
    /// <summary>The mean, 0 to 1; null when there is no true box.</summary>
    /// <param name="images">True boxes and found boxes, the surest first, image by image.</param>
    public static double? Mean(IReadOnlyList<(IReadOnlyList<Box> Truth, IReadOnlyList<Box> Found)> images)
    {
        var found = images.SelectMany(i =>
        {
            var pairs = AnswerComparison.Match(i.Truth, i.Found);
            return i.Found.Select((b, at) => (b.Label, b.Score, IsRight: pairs[at] >= 0));
        }).ToList();
        var truths = images.SelectMany(i => i.Truth).GroupBy(b => b.Label).ToList();
        return truths.Count == 0 ? null : truths.Average(t => OfLabel(found.Where(f => f.Label == t.Key).OrderByDescending(f => f.Score).Select(f => f.IsRight).ToList(), t.Count()));
    }

    private static double OfLabel(List<bool> right, int truths)
    {
        var precision = new double[right.Count];
        for (int i = 0, hits = 0; i < right.Count; i++)
        {
            hits += right[i] ? 1 : 0;
            precision[i] = (double)hits / (i + 1);
        }

        var (area, best) = (0.0, 0.0);
        for (var i = right.Count - 1; i >= 0; i--)
        {
            best = Math.Max(best, precision[i]);
            area += right[i] ? best : 0;
        }

        return area / truths;
    }
}
