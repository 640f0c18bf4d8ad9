namespace EdgeFleet.Shared.Models.Answers;

/// <summary>Non-maximum suppression by label, in place and without allocation.</summary>
public static class Suppression
{
    // A total order, so that an unstable sort gives the same on every machine.
    private static readonly Comparison<Box> SurestFirst = (a, b) =>
    {
        var byScore = b.Score.CompareTo(a.Score);
        if (byScore != 0)
            return byScore;
        var byLabel = a.Label.CompareTo(b.Label);
        if (byLabel != 0)
            return byLabel;
        var byLeft = a.Left.CompareTo(b.Left);
        if (byLeft != 0)
            return byLeft;
        var byTop = a.Top.CompareTo(b.Top);
        if (byTop != 0)
            return byTop;
        var byRight = a.Right.CompareTo(b.Right);
        return byRight != 0 ? byRight : a.Bottom.CompareTo(b.Bottom);
    };

    /// <summary>Keeps boxes, the surest first, that no surer kept box of the same label overlaps by more than a limit.</summary>
    /// <param name="candidates">The candidates; they are sorted in place.</param>
    /// <param name="iouMax">Most overlap, intersection over union.</param>
    /// <param name="kept">Room for the boxes that are kept; when it is full, the rest is left out.</param>
    /// <returns>How many were kept.</returns>
    public static int Keep(Span<Box> candidates, float iouMax, Span<Box> kept)
    {
        candidates.Sort(SurestFirst);
        var count = 0;
        for (var i = 0; i < candidates.Length && count < kept.Length; i++)
        {
            if (!IsOverlapped(candidates[i], kept[..count], iouMax))
                kept[count++] = candidates[i];
        }

        return count;
    }

    private static bool IsOverlapped(in Box box, ReadOnlySpan<Box> surer, float iouMax)
    {
        foreach (ref readonly var other in surer)
        {
            if (other.Label == box.Label && other.Iou(box) > iouMax)
                return true;
        }

        return false;
    }
}
