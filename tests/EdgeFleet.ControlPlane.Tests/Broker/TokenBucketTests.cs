using EdgeFleet.ControlPlane.Broker;
using FsCheck.Xunit;

namespace EdgeFleet.ControlPlane.Tests.Broker;

public sealed class TokenBucketTests
{
    [Fact]
    public void A_burst_passes_at_once_and_the_next_one_waits_for_its_turn()
    {
        var bucket = new TokenBucket(perSecond: 2, burst: 3);

        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(TimeSpan.Zero, bucket.Take(1, TimeSpan.Zero, TimeSpan.Zero)));
        Assert.Null(bucket.Take(1, TimeSpan.Zero, TimeSpan.Zero));
        Assert.Equal(TimeSpan.FromSeconds(0.5), bucket.Take(1, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(1), bucket.Take(1, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
        Assert.Null(bucket.Take(1, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void What_is_dearer_than_the_whole_bucket_passes_when_it_is_full()
    {
        var bucket = new TokenBucket(perSecond: 1, burst: 3);

        Assert.Equal(TimeSpan.Zero, bucket.Take(10, TimeSpan.Zero, TimeSpan.Zero));
        Assert.Null(bucket.Take(1, TimeSpan.FromSeconds(7), TimeSpan.Zero));
        Assert.Equal(TimeSpan.Zero, bucket.Take(1, TimeSpan.FromSeconds(8), TimeSpan.Zero));
    }

    [Property(MaxTest = 300)]
    public bool However_it_is_asked_no_more_passes_in_a_time_than_burst_and_rate_allow(byte[] stepsMs)
    {
        var bucket = new TokenBucket(perSecond: 50, burst: 10);
        var (now, passed) = (TimeSpan.Zero, 0);
        foreach (var step in stepsMs)
        {
            now += TimeSpan.FromMilliseconds(step % 40);
            passed += bucket.Take(1, now, TimeSpan.Zero) is null ? 0 : 1;
        }

        return passed <= 10 + 50 * now.TotalSeconds + 1e-6;
    }
}
