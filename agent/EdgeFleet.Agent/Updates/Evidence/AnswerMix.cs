namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>Compares how often each label was answered. Pure.</summary>
internal static class AnswerMix
{
    /// <summary>Total variation distance of two mixes, 0 to 1: the share of answers that would have to be others. 0 where one is empty.</summary>
    public static double Distance(IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        var (all, others) = ((double)a.Sum(), (double)b.Sum());
        return all == 0 || others == 0 || a.Count != b.Count ? 0 : a.Zip(b, (x, y) => Math.Abs(x / all - y / others)).Sum() / 2;
    }

    /// <summary>
    /// The distance that two samples of one and the same mix have by chance: half the sum over the labels seen of <c>E|N(0, s²)| = s·sqrt(2/π)</c> with
    /// <c>s² = p(1 - p)(1/n + 1/m)</c> of the mix of both. With as many labels as answers it comes near 1, so that such mixes tell nothing.
    /// </summary>
    public static double Chance(IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        var (all, others) = ((double)a.Sum(), (double)b.Sum());
        if (all == 0 || others == 0 || a.Count != b.Count)
            return 1;

        var scale = (1 / all + 1 / others) * 2 / Math.PI;
        return a.Zip(b, (x, y) => (x + y) / (all + others)).Sum(p => Math.Sqrt(p * (1 - p) * scale)) / 2;
    }
}
