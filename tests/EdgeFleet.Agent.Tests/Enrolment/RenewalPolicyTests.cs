using EdgeFleet.Agent.Enrolment;
using EdgeFleet.Shared.Trust;

namespace EdgeFleet.Agent.Tests.Enrolment;

public sealed class RenewalPolicyTests
{
    private static readonly DateTimeOffset Begins = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Ends = Begins.AddDays(360);

    [Theory]
    [InlineData(0, false)]
    [InlineData(239, false)]
    [InlineData(240, true)]
    [InlineData(500, true)]
    public void It_is_due_when_a_third_of_the_life_is_left(int day, bool isDue) =>
        Assert.Equal(isDue, RenewalPolicy.IsDue(Begins, Ends, new JudgedTime(Begins.AddDays(day))));

    [Theory]
    [InlineData(240, true, true)]
    [InlineData(240, false, false)]
    [InlineData(299, false, false)]
    [InlineData(300, false, true)]
    [InlineData(400, false, true)]
    public void A_refusal_is_reported_at_once_and_silence_two_months_before_the_end(int day, bool wasReached, bool isReported) =>
        Assert.Equal(isReported, RenewalPolicy.IsToBeReported(Begins, Ends, new JudgedTime(Begins.AddDays(day)), wasReached));

    [Fact]
    public void Attempts_that_fail_come_further_apart_but_never_more_than_six_hours()
    {
        var time = new JudgedTime(Begins.AddDays(250));
        var pauses = Enumerable.Range(1, 40).Select(i => RenewalPolicy.Wait(Begins, Ends, time, i, 1)).ToList();
        Assert.Equal(TimeSpan.FromMinutes(1), pauses[0]);
        Assert.Equal(pauses.Order(), pauses);
        Assert.Equal(TimeSpan.FromHours(6), pauses[^1]);
        Assert.All(Enumerable.Range(1, 40), i => Assert.InRange(RenewalPolicy.Wait(Begins, Ends, time, i, 0), pauses[i - 1] / 2, pauses[i - 1]));
    }

    [Fact]
    public void Before_it_is_due_it_looks_in_time()
    {
        Assert.Equal(TimeSpan.FromHours(1), RenewalPolicy.Wait(Begins, Ends, new JudgedTime(Begins), 0, 0));
        Assert.Equal(TimeSpan.FromMinutes(10), RenewalPolicy.Wait(Begins, Ends, new JudgedTime(Begins.AddDays(240).AddMinutes(-10)), 0, 0));
    }
}
