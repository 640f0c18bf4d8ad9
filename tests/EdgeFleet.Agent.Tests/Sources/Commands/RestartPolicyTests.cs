using EdgeFleet.Agent.Sources.Commands;

namespace EdgeFleet.Agent.Tests.Sources.Commands;

public sealed class RestartPolicyTests
{
    [Fact]
    public void Pauses_double_to_a_minute_and_begin_again_after_a_good_while()
    {
        var policy = new RestartPolicy();

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], Enumerable.Range(0, 8).Select(_ => policy.Next(TimeSpan.Zero, gaveSomething: false).TotalSeconds));
        Assert.Equal(60, policy.Next(TimeSpan.FromHours(1), gaveSomething: false).TotalSeconds);
        Assert.Equal(60, policy.Next(TimeSpan.FromSeconds(29), gaveSomething: true).TotalSeconds);
        Assert.Equal(1, policy.Next(TimeSpan.FromSeconds(30), gaveSomething: true).TotalSeconds);
        Assert.Equal(2, policy.Next(TimeSpan.Zero, gaveSomething: true).TotalSeconds);
    }
}
