using EdgeFleet.ControlPlane.Pages.Parts;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Tests.Pages;

public sealed class LatencyPlotTests
{
    [Fact]
    public void Nothing_that_ran_is_no_plot() => Assert.Null(LatencyPlot.Of([Row(0, 0, "a@1") with { Answered = 0 }]));

    [Fact]
    public void A_gap_breaks_the_line()
    {
        var plot = LatencyPlot.Of([Row(0, 10, "a@1"), Row(1, 10, "a@1"), Row(30, 10, "a@1"), Row(31, 10, "a@1")])!;
        Assert.Equal(2, plot.Lines95.Count);
        Assert.Empty(plot.Lone95);
    }

    [Fact]
    public void A_minute_alone_is_a_dot()
    {
        var plot = LatencyPlot.Of([Row(0, 10, "a@1"), Row(30, 10, "a@1"), Row(31, 10, "a@1")])!;
        Assert.Single(plot.Lines95);
        Assert.Single(plot.Lone95);
    }

    [Fact]
    public void Another_version_is_marked_where_it_began()
    {
        var plot = LatencyPlot.Of([Row(0, 10, "a@1"), Row(1, 10, "a@1"), Row(2, 10, "a@2")])!;
        Assert.Equal("a@2", Assert.Single(plot.Cuts).Label);
    }

    [Fact]
    public void Names_that_would_lie_over_each_other_take_a_second_line_and_then_none()
    {
        var rows = Enumerable.Range(0, 120).Select(i => Row(i, 10, i switch { < 60 => "a@1", 60 => "a@2", 61 => "a@3", _ => "a@4" })).ToList();
        var cuts = LatencyPlot.Of(rows)!.Cuts;
        Assert.Equal(["a@2", "a@3", ""], cuts.Select(c => c.Label));
        Assert.NotEqual(cuts[0].TextY, cuts[1].TextY);
    }

    [Fact]
    public void Joined_minutes_show_the_worst_of_them()
    {
        var rows = Enumerable.Range(0, 4000).Select(i => Row(i, i == 1234 ? 900 : 10, "a@1")).ToList();
        var plot = LatencyPlot.Of(rows)!;
        Assert.True(plot.Lines95.Sum(l => l.Split(' ').Length) <= 400);
        Assert.Contains("Slowest minute: 900 ms", plot.Sentence, StringComparison.Ordinal);
        var top = plot.Lines95.SelectMany(l => l.Split(' ')).Min(p => double.Parse(p.Split(',')[1], System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(top < 60, $"The slow minute is not to be seen: highest at {top}.");
    }

    private static MinuteRow Row(int minute, int ms, string model) => new()
    {
        Slot = SlotName.Parse("leaf"), At = minute * 60_000L, Seconds = 60, Model = model, Answered = 10, P50Us = ms * 500L, P95Us = ms * 1000L, MaxUs = ms * 2000L,
    };
}
