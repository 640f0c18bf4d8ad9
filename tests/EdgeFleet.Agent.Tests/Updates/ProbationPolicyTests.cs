using EdgeFleet.Agent.Updates;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Tests.Updates;

public class ProbationPolicyTests
{
    private static readonly ProbationLimits Limits = new(Seconds: 300, SamplesMin: 20, FaultShareMax: 0.05, BudgetP95Us: 500_000);

    [Fact]
    public void A_good_model_is_kept_after_its_time_and_not_before()
    {
        Assert.IsType<ProbationVerdict.GoesOn>(Run(new(), Good(4)));
        Assert.IsType<ProbationVerdict.Passed>(Run(new(), Good(5)));
    }

    [Fact]
    public void Time_without_samples_does_not_count()
    {
        var dark = Enumerable.Repeat(Minute(answered: 0, p95Us: 0), 100);
        Assert.IsType<ProbationVerdict.GoesOn>(Run(new(), Good(4).Concat(dark)));
        Assert.IsType<ProbationVerdict.Passed>(Run(new(), Good(4).Concat(dark).Concat(Good(1))));
    }

    [Fact]
    public void Too_few_samples_keep_a_model_waiting_however_long_it_takes()
    {
        Assert.IsType<ProbationVerdict.GoesOn>(Run(new(), Enumerable.Repeat(Minute(answered: 1), 19)));
        Assert.IsType<ProbationVerdict.Passed>(Run(new(), Enumerable.Repeat(Minute(answered: 1), 20)));
    }

    [Fact]
    public void Answers_that_are_not_numbers_turn_a_model_back_in_the_first_window()
    {
        var failed = Assert.IsType<ProbationVerdict.Failed>(Run(new(), [Minute(answered: 0, failed: 60, faults: 60, p95Us: 5000)]));
        Assert.Contains("60 of 60 samples failed", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_photos_are_not_charged_to_the_model() =>
        Assert.IsType<ProbationVerdict.Passed>(Run(new(), Enumerable.Repeat(Minute(answered: 30, failed: 30, faults: 0), 5)));

    [Fact]
    public void Two_faults_are_too_few_for_a_verdict() =>
        Assert.IsType<ProbationVerdict.GoesOn>(Run(new(), [Minute(answered: 0, failed: 2, faults: 2)]));

    [Fact]
    public void A_fault_share_below_the_limit_passes() =>
        Assert.IsType<ProbationVerdict.Passed>(Run(new(), Enumerable.Repeat(Minute(answered: 98, failed: 2, faults: 2), 5)));

    [Theory]
    [InlineData(10_000, 61_000, true)]    // Six times as slow and 51 ms more.
    [InlineData(10_000, 59_000, false)]   // Six times as slow, but only 49 ms more.
    [InlineData(100_000, 290_000, false)] // 190 ms more, but not three times as slow.
    [InlineData(100_000, 310_000, true)]
    [InlineData(400_000, 501_000, true)]  // Over the manifest's budget.
    public void Latency_fails_over_three_times_and_fifty_milliseconds_or_over_the_budget(long before, long now, bool fails)
    {
        var verdict = Run(new ProbationWatch { BaselineP95Us = before }, Enumerable.Repeat(Minute(p95Us: now), 3));
        Assert.Equal(fails, verdict is ProbationVerdict.Failed);
    }

    [Fact]
    public void Without_a_model_before_only_the_budget_counts()
    {
        Assert.IsType<ProbationVerdict.GoesOn>(Run(new(), Enumerable.Repeat(Minute(p95Us: 499_000), 4)));
        Assert.IsType<ProbationVerdict.Failed>(Run(new(), Enumerable.Repeat(Minute(p95Us: 501_000), 3)));
    }

    [Fact]
    public void Slow_windows_count_only_among_the_last_four()
    {
        ProbationMinute slow = Minute(p95Us: 600_000), fast = Minute();
        Assert.IsType<ProbationVerdict.GoesOn>(Run(new(), [slow, slow, fast, fast], long.MaxValue));
        Assert.IsType<ProbationVerdict.GoesOn>(Run(new(), [slow, slow, fast, fast, slow, slow], long.MaxValue));
        Assert.IsType<ProbationVerdict.Failed>(Run(new(), [slow, fast, slow, slow], long.MaxValue));
    }

    [Fact]
    public void A_model_that_hangs_while_the_queue_runs_over_is_turned_back()
    {
        var failed = Assert.IsType<ProbationVerdict.Failed>(Run(new(), Enumerable.Repeat(Minute(answered: 0, dropped: 50, p95Us: 0), 3)));
        Assert.Contains("no sample was answered", failed.Reason, StringComparison.Ordinal);
    }

    private static IEnumerable<ProbationMinute> Good(int minutes) => Enumerable.Repeat(Minute(), minutes);

    private static ProbationMinute Minute(long answered = 60, long failed = 0, long faults = 0, long dropped = 0, long p95Us = 10_000) =>
        new(Some.Row("a@1", answered, failed, dropped, p95Us), faults);

    private static ProbationVerdict Run(ProbationWatch watch, IEnumerable<ProbationMinute> minutes, double seconds = 300)
    {
        ProbationVerdict verdict = new ProbationVerdict.GoesOn(watch);
        foreach (var minute in minutes)
        {
            verdict = ProbationPolicy.Judge(Assert.IsType<ProbationVerdict.GoesOn>(verdict).Watch, minute, Limits with { Seconds = seconds });
        }

        return verdict;
    }
}
