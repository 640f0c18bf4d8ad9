using EdgeFleet.ControlPlane.Pages;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Trust.Tuf;

namespace EdgeFleet.ControlPlane.Tests.Pages;

public sealed class SignedListNeedsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly MetadataSummary Well = new("key", "root", 1, Now.AddYears(1), 3, Now.AddMonths(6)) { SnapshotEnds = Now.AddDays(20), TimestampEnds = Now.AddDays(5) };

    public static TheoryData<MetadataSummary, string, string> Ends => new()
    {
        { Well with { RootEnds = Now.AddDays(12.5) }, "The root by which boards check packages ends in 12 days", "edgefleet key rotate" },
        { Well with { TargetsEnd = Now.AddDays(1.5) }, "The signed list of packages ends in 1 day;", "--key PUBLISHER.key" },
        { Well with { TargetsEnd = Now.AddDays(-1) }, "The signed list of packages ended 2026-11-23", "--key PUBLISHER.key" },
        { Well with { TimestampEnds = Now.AddDays(2), IsOverdue = true }, "signs about the lists of packages ends in 2 days", "journalctl" },
    };

    [Fact]
    public void A_fleet_whose_lists_are_well_or_that_signs_nothing_needs_nobody()
    {
        Assert.Empty(SignedListNeeds.Of(() => Well, Now));
        Assert.Empty(SignedListNeeds.Of(() => new MetadataSummary("key", null, 0, null, 0, null), Now));
    }

    [Theory, MemberData(nameof(Ends))]
    public void What_ends_is_said_with_the_days_that_are_left_and_what_to_do(MetadataSummary metadata, string sentence, string remedy)
    {
        var need = Assert.Single(SignedListNeeds.Of(() => metadata, Now));
        Assert.Contains(sentence, need.Sentence, StringComparison.Ordinal);
        Assert.Contains(remedy, need.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_lists_are_a_need_and_no_broken_page()
    {
        var need = Assert.Single(SignedListNeeds.Of(() => throw new TufException(TufFault.Malformed, TufRoles.Snapshot, "it is not JSON."), Now));
        Assert.Contains("backup", need.Sentence, StringComparison.Ordinal);
    }
}
