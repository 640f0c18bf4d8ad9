using EdgeFleet.Agent.Health.Check;

namespace EdgeFleet.Agent.Tests.Health.Check;

public sealed class BoardPolicyTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(10, FindingKind.Fault)]
    [InlineData(200, FindingKind.Warning)]
    [InlineData(5000, FindingKind.Good)]
    public void A_disk_is_judged_by_what_is_free(double freeMb, object kind) => Assert.Equal((FindingKind)kind, BoardPolicy.Disk("/var/lib/edgefleet", freeMb).Kind);

    [Theory]
    [InlineData(-3650, "ntp", FindingKind.Fault)] // A clock that began at its own epoch, whoever vouches for it.
    [InlineData(-0.5, "ntp", FindingKind.Good)]
    [InlineData(30, "rtc", FindingKind.Warning)]
    [InlineData(30, "none", FindingKind.Warning)]
    public void A_clock_cannot_be_before_the_program_was_made(double daysAfterBuild, string clock, object kind) =>
        Assert.Equal((FindingKind)kind, BoardPolicy.Clock(Now.AddDays(daysAfterBuild), Now, clock).Kind);

    [Theory]
    [InlineData(1, 300, FindingKind.Fault)]
    [InlineData(-10, 300, FindingKind.Good)]
    [InlineData(-300, 20, FindingKind.Warning)]
    [InlineData(-300, -1, FindingKind.Fault)]
    public void A_certificate_is_valid_now_and_for_a_month_more(double fromDays, double untilDays, object kind)
    {
        var finding = BoardPolicy.Certificate(Now.AddDays(fromDays), Now.AddDays(untilDays), Now);

        Assert.Equal((FindingKind)kind, finding.Kind);
        Assert.Equal(finding.Kind == FindingKind.Good, finding.Remedy.Length == 0);
    }
}
