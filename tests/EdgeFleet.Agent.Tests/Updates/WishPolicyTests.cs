using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Tests.Updates;

public class WishPolicyTests
{
    private static readonly Wish Active = Some.Wish("active");
    private static readonly Wish Previous = Some.Wish("previous", rollout: 2);
    private static readonly Wish Candidate = Some.Wish("candidate", rollout: 2);
    private static readonly Wish Other = Some.Wish("other", rollout: 3);
    private static readonly Serving Models = new(Active.Package, Previous.Package);

    [Fact]
    public void A_new_package_is_fetched() => Assert.Equal(new Offered(Candidate), Judge(new Committed(Active, null), Candidate));

    [Fact]
    public void The_same_wish_again_changes_nothing()
    {
        Assert.Null(Judge(new Downloading(Candidate, 3), Candidate));
        Assert.Null(Judge(new Rejected(Candidate, "bad", FailureKind.Deterministic), Candidate));
        Assert.Null(Judge(new RolledBack(Candidate, "slow"), Candidate));
        Assert.Null(Judge(new Committed(Active, null), Active));
    }

    [Fact]
    public void A_wish_for_what_runs_answers_the_rollout_that_asks_and_does_no_work()
    {
        Assert.Equal(new Confirmed(Active with { Rollout = 9 }), Judge(new Committed(Active, null), Active with { Rollout = 9 }));
        Assert.Equal(new Confirmed(Active), Judge(new Downloading(Candidate, 1), Active));
    }

    [Fact]
    public void A_refusal_stays_to_be_read_when_its_own_rollout_takes_the_wish_back()
    {
        var refused = new Rejected(Candidate, "bad", FailureKind.Deterministic);
        Assert.Null(Judge(refused, Active with { Rollout = Candidate.Rollout }));
        Assert.Null(Judge(refused, Active with { Rollout = 0 }));
        Assert.IsType<Confirmed>(Judge(refused, Active with { Rollout = 77 }));
    }

    [Fact]
    public void A_newer_wish_cancels_what_has_not_touched_the_slot()
    {
        foreach (var early in new UpdateState[] { new Downloading(Candidate, 1), new Verifying(Candidate), new Rehearsing(Candidate), new Shadowing(Candidate) })
            Assert.Equal(new Offered(Other), Judge(early, Other));
    }

    [Fact]
    public void An_older_version_than_the_floor_of_the_committed_model_is_refused_even_where_it_is_on_disk()
    {
        var (active, previous) = (Of("3.0.0"), Of("1.0.0"));
        var serving = new Serving(active.Package, previous.Package);
        UpdateEvent? Judged(Wish wish, string floor) => WishPolicy.Judge(new Committed(active, null), serving, previousOnDisk: true, [], wish, floor);
        Assert.IsType<Returned>(Judged(previous, ""));
        Assert.IsType<Returned>(Judged(previous, "1.0.0"));
        var refused = Assert.IsType<Refused>(Judged(previous, "2.0.0"));
        Assert.Equal(FailureKind.Deterministic, refused.Failure);
        Assert.Contains("below the release floor", refused.Reason, StringComparison.Ordinal);
        Assert.IsType<Offered>(Judged(Of("2.10.0"), "2.9.0"));

        // A candidate that fails is turned back whatever its own manifest says: its floor counts once it is committed.
        Assert.IsType<Recalled>(WishPolicy.Judge(new Probation(Of("4.0.0"), 0, new ProbationWatch(), null), serving, true, [], active, "2.0.0"));

        static Wish Of(string version) => Some.Wish("leaf" + version) is var wish ? wish with { Package = wish.Package with { Name = "leaf", Version = version } } : wish;
    }

    [Fact]
    public void A_newer_wish_waits_for_the_end_of_probation()
    {
        Assert.Null(Judge(new Activating(Candidate, 0, null), Other));
        Assert.Null(Judge(new Probation(Candidate, 0, new ProbationWatch(), null), Other));
        Assert.Null(Judge(new RollingBack(Candidate, "slow", null), Other));
    }

    [Fact]
    public void A_return_to_the_model_before_acts_at_once()
    {
        Assert.Equal(new Recalled(Active), Judge(new Probation(Candidate, 0, new ProbationWatch(), null), Active));
        Assert.Equal(new Recalled(Active), Judge(new Activating(Candidate, 0, null), Active));
        Assert.Equal(new Returned(Previous), Judge(new Committed(Active, null), Previous));
    }

    [Fact]
    public void The_model_before_is_fetched_when_it_is_no_longer_whole_on_disk() =>
        Assert.Equal(new Offered(Previous), WishPolicy.Judge(new Committed(Active, null), Models, previousOnDisk: false, [], Previous));

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    public void A_quarantined_package_is_tried_again_only_for_a_higher_attempt(int attempt, bool tried)
    {
        Quarantined[] quarantine = [new(Candidate.Package.Digest, 2, "it collapsed", FailureKind.Deterministic)];
        var wish = Candidate with { Attempt = attempt, Rollout = 50 };
        var happened = WishPolicy.Judge(new Committed(Active, null), Models, true, quarantine, wish);
        Assert.Equal(tried ? new Offered(wish) : new Refused(wish, "it collapsed", FailureKind.Deterministic), happened);
    }

    [Fact]
    public void An_inconsistent_slot_tries_again_or_takes_something_else()
    {
        var stuck = new Inconsistent(Candidate, "gone", null);
        Assert.Equal(new Retried(), Judge(stuck, Candidate));
        Assert.Equal(new Offered(Active), Judge(stuck, Active));
    }

    private static UpdateEvent? Judge(UpdateState state, Wish wish) => WishPolicy.Judge(state, Models, previousOnDisk: true, [], wish);
}
