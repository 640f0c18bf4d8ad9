using System.Globalization;

namespace EdgeFleet.Packaging.Tests;

public sealed class UnitTests
{
    private const double ExposureMax = 2.0;

    [Theory]
    [InlineData("edgefleet-agent.service")]
    [InlineData("edgefleet-controlplane.service")]
    public async Task A_service_has_no_more_rights_than_it_needs(string unit)
    {
        var (_, all) = await Tool.RunAsync("systemd-analyze", "security", "--offline=true", "--no-pager", Tool.Provisioning($"systemd/{unit}"));

        var verdict = all.Split('\n').Single(l => l.Contains("Overall exposure level", StringComparison.Ordinal));
        Assert.InRange(double.Parse(verdict.Split(": ")[1].Split(' ')[0], CultureInfo.InvariantCulture), 0, ExposureMax);
    }

    [Theory]
    [InlineData("edgefleet-agent.service")]
    [InlineData("edgefleet-controlplane.service")]
    public void A_service_may_see_process_1_or_it_never_says_that_it_is_ready(string unit)
    {
        var lines = File.ReadAllLines(Tool.Provisioning($"systemd/{unit}"));

        Assert.DoesNotContain("ProtectProc=invisible", lines);
        Assert.Contains("Type=notify", lines);
    }

    [Theory]
    [InlineData("edgefleet-agent.service")]
    [InlineData("edgefleet-controlplane.service")]
    public void A_service_is_started_again_for_ever(string unit)
    {
        var lines = File.ReadAllLines(Tool.Provisioning($"systemd/{unit}"));

        Assert.Contains("Restart=always", lines);
        Assert.Contains("StartLimitIntervalSec=0", lines);
    }

    [Fact]
    public void The_agent_may_ask_whether_the_clock_is_kept_and_limit_its_rehearsal()
    {
        var lines = File.ReadAllLines(Tool.Provisioning("systemd/edgefleet-agent.service"));

        Assert.Contains("SystemCallFilter=adjtimex", lines);
        Assert.DoesNotContain("ProtectClock=yes", lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("SystemCallFilter=~", StringComparison.Ordinal) && l.Contains("@resources", StringComparison.Ordinal));
    }
}
