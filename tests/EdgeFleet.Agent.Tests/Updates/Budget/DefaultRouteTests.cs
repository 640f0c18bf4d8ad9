using EdgeFleet.Agent.Power;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Budget;
using EdgeFleet.Testing;

namespace EdgeFleet.Agent.Tests.Updates.Budget;

public sealed class DefaultRouteTests : IDisposable
{
    private const string Head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
    private const string Zeros = "00000000000000000000000000000000";

    private readonly TempFolder _root = new();

    public DefaultRouteTests() => Directory.CreateDirectory(_root["proc", "net"]);

    public void Dispose() => _root.Dispose();

    [Fact]
    public void The_default_route_of_the_lowest_metric_leads_out()
    {
        Write("route", Head
            + "eth0\t0002A8C0\t00000000\t0001\t0\t0\t1\t00FFFFFF\t0\t0\t0\n"
            + "wwan0\t00000000\t0100000A\t0003\t0\t0\t700\t00000000\t0\t0\t0\n"
            + "wlan0\t00000000\t0102A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
            + "eth1\t00000000\t0102A8C0\t0002\t0\t0\t100\t00000000\t0\t0\t0\n");
        Assert.Equal("wlan0", DefaultRoute.LinkOf(new BoardRoot(_root.Path)));
    }

    [Fact]
    public void Where_IPv4_leads_nowhere_IPv6_counts_and_the_kernel_s_refusals_do_not()
    {
        Write("route", Head);
        Write("ipv6_route",
            $"{Zeros} 00 {Zeros} 00 {Zeros} ffffffff 00000001 00000000 00200200       lo\n"
            + $"{Zeros} 00 {Zeros} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003    ppp0\n"
            + $"fe800000000000000000000000000000 40 {Zeros} 00 {Zeros} 00000100 00000001 00000000 00000001    eth0\n");
        Assert.Equal("ppp0", DefaultRoute.LinkOf(new BoardRoot(_root.Path)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Iface Destination\nnonsense\neth0\t00000000\n")]
    public void Without_a_table_that_can_be_read_there_is_none(string? table)
    {
        if (table is not null)
            Write("route", table);
        Assert.Null(DefaultRoute.LinkOf(new BoardRoot(_root.Path)));
    }

    [Theory]
    [InlineData("wwan0", true)]
    [InlineData("ppp1", true)]
    [InlineData("wlan0", false)]
    [InlineData("xwwan0", false)]
    [InlineData(null, false)]
    public void A_link_is_metered_by_the_beginning_of_its_name(string? link, bool metered) =>
        Assert.Equal(metered, DataBudgetPolicy.IsMetered(link, new UpdateOptions()));

    private void Write(string name, string text) => File.WriteAllText(_root["proc", "net", name], text);
}
