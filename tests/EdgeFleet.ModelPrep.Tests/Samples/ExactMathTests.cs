using EdgeFleet.Samples.Exact;

namespace EdgeFleet.ModelPrep.Tests.Samples;

public sealed class ExactMathTests
{
    [Fact]
    public void Series_agree_with_the_library()
    {
        for (var i = -400; i <= 400; i++)
        {
            Assert.Equal(Math.Sin(2 * Math.PI * i / 97), ExactMath.SineOfTurns(i / 97.0), 1e-12);
            Assert.Equal(Math.Cos(2 * Math.PI * i / 97), ExactMath.CosineOfTurns(i / 97.0), 1e-12);
            Assert.Equal(1, ExactMath.Exp(i / 20.0) / Math.Exp(i / 20.0), 1e-12);
            Assert.Equal(Math.Log((i + 401) / 7.0), ExactMath.Log((i + 401) / 7.0), 1e-12);
        }
    }

    [Fact]
    public void Random_numbers_never_change()
    {
        // From the published SplitMix64 for seed 0.
        var random = new SeededRandom(0);
        Assert.Equal(0xE220A8397B1DCDAFUL, random.Next());
        Assert.Equal(0x6E789E6AA1B965F4UL, random.Next());
    }
}
