using EdgeFleet.Shared.Models;

namespace EdgeFleet.Shared.Tests.Models;

public sealed class ShadowLimitsTests
{
    [Fact]
    public void Of_two_the_tighter_counts_and_nothing_that_is_asked_is_lost()
    {
        var manifest = new ShadowLimits { AgreementMin = 0.9, LatencyRatioMax = 2, SamplesMin = 100 };
        var rollout = new ShadowLimits { AgreementMin = 0.8, LatencyRatioMax = 1.5, EnergyRatioMax = 1.2, SamplesMin = 400 };

        Assert.Equal(new ShadowLimits { AgreementMin = 0.9, LatencyRatioMax = 1.5, EnergyRatioMax = 1.2, SamplesMin = 100 }, manifest.And(rollout));
        Assert.Equal(manifest.And(rollout), rollout.And(manifest));
        Assert.Equal(manifest, manifest.And(null));
        Assert.Equal(["least agreement 0.8 where 0.9 is asked"], rollout.LooserThan(manifest));
        Assert.Empty(manifest.LooserThan(new ShadowLimits()));
    }

    [Theory]
    [InlineData(1.1, null, null, null, "least agreement in shadow is 1.1")]
    [InlineData(double.NaN, null, null, null, "least agreement in shadow is NaN")]
    [InlineData(null, 0.0, null, null, "largest latency ratio in shadow is 0")]
    [InlineData(null, null, -1.0, null, "largest energy ratio in shadow is -1")]
    [InlineData(null, null, null, 9, "least samples in shadow are 9")]
    public void Nonsense_is_named(double? agreement, double? latency, double? energy, int? samples, string named)
    {
        var limits = new ShadowLimits { AgreementMin = agreement, LatencyRatioMax = latency, EnergyRatioMax = energy, SamplesMin = samples };
        Assert.Contains(named, Assert.Single(new ShadowOrder { Share = 0.5, Limits = limits }.Faults()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.1)]
    [InlineData(1.01)]
    public void A_share_lies_above_0_and_at_most_1(double share) => Assert.Single(new ShadowOrder { Share = share }.Faults());

    [Fact]
    public void Words_name_what_is_judged() =>
        Assert.Equal("agreement at least 92.5 %, p95 at most 1.5 times, energy at most 1.2 times", new ShadowLimits { AgreementMin = 0.925, LatencyRatioMax = 1.5, EnergyRatioMax = 1.2 }.Words());
}
