using EdgeFleet.Shared.Models.Sessions;

namespace EdgeFleet.Shared.Tests.Models.Sessions;

public sealed class ExecutionProvidersTests
{
    [Fact]
    public void The_library_that_ships_has_the_CPU_alone_and_says_so_of_the_others()
    {
        Assert.Null(ExecutionProviders.WhyAbsent(ExecutionProviders.Cpu));
        foreach (var provider in ExecutionProviders.Known.Where(p => p != ExecutionProviders.Cpu))
            Assert.False(string.IsNullOrWhiteSpace(ExecutionProviders.WhyAbsent(provider)), provider);
    }

    [Theory]
    [InlineData(0.25f, true)]
    [InlineData(0.2502f, true)]
    [InlineData(0.26f, false)]
    [InlineData(float.NaN, false)]
    public void Only_the_right_answer_counts(float value, bool isRight) => Assert.Equal(isRight, ProbeModel.IsRight([0.25f, value, 0.25f, 0.25f]));

    [Fact]
    public void An_answer_of_another_length_does_not_count() => Assert.False(ProbeModel.IsRight([]));
}
