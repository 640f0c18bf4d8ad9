using EdgeFleet.ControlPlane.Pages;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.ControlPlane.Tests.Pages;

public sealed class DriftWordsTests
{
    private static readonly DriftSegment Day = new()
    {
        Segment = "day", State = DriftState.Drifting, Since = 1_772_334_000_000, Progress = 1, Windows = 40, Causes = ["dark", "blurred"],
        Features = [new() { Name = "luma", Size = 210, Up = false }], Accuracy = 874, AccuracyLow = 801, AccuracyHigh = 930,
    };

    [Fact]
    public void A_segment_is_told_with_cause_size_and_since_when() => Assert.Equal(
        "By day it differs from what is usual at this site since 2026-03-01 03:00 UTC: darker, blurred: look at the lens. luma 2.1 spreads below what is usual here.",
        DriftWords.Sentence(Day));

    [Fact]
    public void While_it_learns_it_says_how_far_it_is_and_that_nothing_is_judged() => Assert.Equal(
        "By night it learns what is usual at this site: 42 % learned. Until then nothing is judged.",
        DriftWords.Sentence(new DriftSegment { Segment = "night", State = DriftState.Learning, Progress = 0.42 }));

    [Fact]
    public void Accuracy_without_labels_has_its_band_and_says_what_it_rests_on() =>
        Assert.StartsWith("By day, without labels, estimated right: 87 in 100 (80 to 93).", DriftWords.Accuracy(Day), StringComparison.Ordinal);

    [Fact]
    public void Drift_stands_on_the_day_page_as_the_last_of_the_needs()
    {
        var slot = new SlotSummary("leaf", null, "coffee-leaf@2.0.1", "cpu-int8", "Committed", null, null, null, new SampleCounts(), new DriftReport { State = DriftState.Drifting, Segments = [Day] });
        var need = Assert.Single(Need.Of([new DeviceSummary("board-1", "alanib", [], "generic", "ready", null, [slot], 0)], [], []));
        Assert.Equal("board-1, slot leaf: inputs or answers differ from what is usual at this site: by day darker, blurred: look at the lens.", need.Sentence);
    }
}
