using EdgeFleet.Shared.Models.Answers;
using FsCheck;
using FsCheck.Xunit;

namespace EdgeFleet.Shared.Tests.Models.Answers;

public sealed class SuppressionTests
{
    [Property(MaxTest = 500)]
    public void It_keeps_what_the_naive_way_keeps(int seed, byte count, byte room)
    {
        var random = new Random(seed);
        var candidates = Enumerable.Range(0, count).Select(_ => Draw(random)).ToArray();
        var iouMax = (float)random.NextDouble();

        var kept = new Box[1 + room % 20];
        var number = Suppression.Keep([.. candidates], iouMax, kept);

        Assert.Equal(Naive(candidates, iouMax, kept.Length), kept[..number]);
    }

    [Fact]
    public void It_allocates_nothing()
    {
        var random = new Random(3);
        var (candidates, kept) = (Enumerable.Range(0, 500).Select(_ => Draw(random)).ToArray(), new Box[100]);
        Suppression.Keep(candidates, 0.5f, kept);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Suppression.Keep(candidates, 0.5f, kept);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Coarse coordinates and scores, so that equal scores and equal boxes come often.
    private static Box Draw(Random random)
    {
        var (left, top) = (random.Next(8) / 10f, random.Next(8) / 10f);
        return new Box(random.Next(3), random.Next(20) / 20f, left, top, left + (1 + random.Next(4)) / 10f, top + (1 + random.Next(4)) / 10f);
    }

    // By definition: take the best of what is left, strike out what it overlaps, again.
    private static List<Box> Naive(IEnumerable<Box> candidates, float iouMax, int most)
    {
        var (left, kept) = (candidates.ToList(), new List<Box>());
        while (left.Count > 0 && kept.Count < most)
        {
            var best = left.OrderByDescending(b => b.Score).ThenBy(b => b.Label).ThenBy(b => b.Left).ThenBy(b => b.Top).ThenBy(b => b.Right).ThenBy(b => b.Bottom).First();
            left.Remove(best);
            kept.Add(best);
            left.RemoveAll(b => b.Label == best.Label && Overlap(b, best) > iouMax);
        }

        return kept;
    }

    private static float Overlap(Box a, Box b)
    {
        var width = Math.Max(0, Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left));
        var height = Math.Max(0, Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top));
        var common = width * height;
        return common <= 0 ? 0 : common / (a.Area + b.Area - common);
    }
}
