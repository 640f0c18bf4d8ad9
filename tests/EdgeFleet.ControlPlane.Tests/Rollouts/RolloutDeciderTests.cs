using System.Text.Json;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Tests.Rollouts;

public sealed class RolloutDeciderTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero);
    private static readonly GateSettings Gate = new();

    [Fact]
    public void A_wave_that_is_silent_as_a_whole_is_never_passed()
    {
        var silent = Wave(2) with { Silent = 20 };
        Assert.IsType<RolloutDecision.Wait>(Decide(Wave(2) with { Waiting = 20 }, minutes: 10));
        var hold = Assert.IsType<RolloutDecision.Hold>(Decide(silent, minutes: 61));
        Assert.Contains("20 of 20 devices have said nothing since they were told", hold.Verdict.Why, StringComparison.Ordinal);
        Assert.Contains("A silent wave is never passed", hold.Verdict.Why, StringComparison.Ordinal);
        Assert.IsType<RolloutDecision.Hold>(Decide(silent, minutes: 100_000, new GateSettings { HealthyShareMin = 0, SoakMinutes = 0 }));
    }

    [Fact]
    public void A_canary_that_is_offline_holds_and_is_passed_when_it_comes_back()
    {
        Assert.IsType<RolloutDecision.Wait>(Decide(Wave(1) with { Offline = 1 }, minutes: 59));
        Assert.IsType<RolloutDecision.Hold>(Decide(Wave(1) with { Offline = 1 }, minutes: 60));
        Assert.IsType<RolloutDecision.Advance>(Decide(Wave(1) with { Committed = 1, LastReport = Begin.AddMinutes(600) }, minutes: 630));
    }

    [Fact]
    public void Thirty_of_a_hundred_online_and_all_of_them_failing_halts()
    {
        var halt = Assert.IsType<RolloutDecision.Halt>(Decide(Wave(2) with { Statistical = 30, Offline = 70, FirstFailure = "leaf-0117: p95 was 900 ms" }, minutes: 30));
        Assert.Contains("30 of 30 devices that ran it", halt.Verdict.Why, StringComparison.Ordinal);
        Assert.Contains("leaf-0117: p95 was 900 ms", halt.Verdict.Why, StringComparison.Ordinal);
        Assert.Contains("70 devices had not taken it, and will not", halt.Verdict.Why, StringComparison.Ordinal);
        Assert.IsType<RolloutDecision.Halt>(Decide(Wave(2) with { Deterministic = 30, Offline = 70 }, minutes: 30));
    }

    [Fact]
    public void One_flaky_board_among_many_neither_halts_nor_stops_the_wave()
    {
        var wave = Wave(3) with { Committed = 199, Statistical = 1, LastReport = Begin };
        Assert.IsType<RolloutDecision.Advance>(Decide(wave, minutes: 30));
        Assert.IsType<RolloutDecision.Advance>(Decide(wave with { Statistical = 0, Deterministic = 1 }, minutes: 30));
        Assert.IsType<RolloutDecision.Advance>(Decide(wave with { Statistical = 0, Silent = 1 }, minutes: 61));
    }

    [Fact]
    public void Failures_that_come_before_the_first_commits_are_seen_against_all_that_run_it()
    {
        // Boards that fail say so in minutes, boards that commit after their probation: among those that ended there are only failures.
        Assert.IsType<RolloutDecision.Wait>(Decide(Wave(3) with { Statistical = 5, Probation = 995 }, minutes: 5));
        Assert.IsType<RolloutDecision.Halt>(Decide(Wave(3) with { Statistical = 100, Probation = 900 }, minutes: 5));
    }

    [Theory]
    [InlineData(1, 1, 0, true)] // The canary: the first refusal.
    [InlineData(2, 1, 0, false)]
    [InlineData(2, 2, 0, true)] // Later: the second.
    [InlineData(1, 0, 1, true)] // A canary of one board that turned it back by itself.
    [InlineData(2, 0, 1, false)]
    [InlineData(2, 0, 2, true)]
    public void A_wave_too_small_for_a_share_halts_at_the_first_failure_in_the_canary_and_the_second_later(int number, int refused, int turnedBack, bool halts)
    {
        var wave = Wave(number) with { Deterministic = refused, Statistical = turnedBack, Committed = number == 1 ? 0 : 2 };
        Assert.Equal(halts, Decide(wave, minutes: 30) is RolloutDecision.Halt);
    }

    [Fact]
    public void Two_boards_that_refuse_in_different_waves_halt()
    {
        var facts = Facts(30, Wave(1) with { Committed = 10 }, Wave(2) with { Committed = 50, Deterministic = 1 }, Wave(3) with { Probation = 100, Deterministic = 1 });
        Assert.IsType<RolloutDecision.Halt>(RolloutDecider.Decide(facts, Gate));
    }

    [Fact]
    public void A_canary_that_was_away_and_fails_late_halts_a_later_wave()
    {
        var facts = Facts(600, Wave(1) with { Committed = 19, Deterministic = 1 }, Wave(2) with { Probation = 100 });
        Assert.Contains("in wave 1", Assert.IsType<RolloutDecision.Halt>(RolloutDecider.Decide(facts, Gate)).Verdict.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Failures_of_the_device_itself_are_never_the_models_fault()
    {
        Assert.IsType<RolloutDecision.Advance>(Decide(Wave(2) with { Committed = 10, Local = 10, LastReport = Begin }, minutes: 30));
        Assert.IsType<RolloutDecision.Hold>(Decide(Wave(1) with { Local = 1 }, minutes: 30)); // Nothing was decided, so nothing is passed.
        Assert.IsNotType<RolloutDecision.Halt>(Decide(Wave(2) with { Local = 100 }, minutes: 1000));
    }

    [Theory]
    [InlineData(0.0, 1, 9, true)] // No failure is allowed: the first one, once enough ran it.
    [InlineData(0.0, 1, 3, false)] // Not enough ran it for a share, and one is not two.
    [InlineData(1.0, 10, 0, false)] // All may fail.
    [InlineData(0.05, 1, 4, false)] // At least 4.6 % would fail.
    [InlineData(0.05, 2, 11, true)] // At least 5.2 %.
    [InlineData(0.05, 2, 12, false)] // At least 4.8 %.
    public void The_bound_is_compared_at_its_edges(double ratioMax, int failed, int committed, bool halts)
    {
        var wave = Wave(2) with { Statistical = failed, Committed = committed, Waiting = 10 };
        Assert.Equal(halts, Decide(wave, minutes: 10, new GateSettings { FailureRatioMax = ratioMax }) is RolloutDecision.Halt);
    }

    [Theory]
    [InlineData(0.9, 18, 2, true)] // Exactly the share.
    [InlineData(0.9, 17, 3, false)]
    [InlineData(1.0, 19, 1, false)]
    [InlineData(1.0, 20, 0, true)]
    [InlineData(0.0, 10, 10, true)] // Half of the wave in any case.
    [InlineData(0.0, 9, 11, false)]
    public void The_healthy_share_is_met_at_its_edges(double shareMin, int committed, int probation, bool passes)
    {
        var wave = Wave(2) with { Committed = committed, Probation = probation, LastReport = Begin };
        Assert.Equal(passes, Decide(wave, minutes: 60, new GateSettings { HealthyShareMin = shareMin }) is RolloutDecision.Advance);
    }

    [Fact]
    public void Half_of_a_wave_must_have_committed_however_many_are_away()
    {
        Assert.IsType<RolloutDecision.Advance>(Decide(Wave(2) with { Committed = 10, Offline = 10, LastReport = Begin }, minutes: 61));
        Assert.IsType<RolloutDecision.Hold>(Decide(Wave(2) with { Committed = 9, Offline = 11, LastReport = Begin }, minutes: 61));
    }

    [Fact]
    public void Boards_that_began_and_never_ended_stay_in_the_share()
    {
        var hold = Assert.IsType<RolloutDecision.Hold>(Decide(Wave(2) with { Committed = 10, Late = 10, LastReport = Begin }, minutes: 241));
        Assert.Contains("10 late", hold.Verdict.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void One_failed_board_stops_no_wave_of_four_after_the_canary()
    {
        Assert.IsType<RolloutDecision.Advance>(Decide(Wave(2) with { Committed = 3, Statistical = 1, LastReport = Begin }, minutes: 30));
        Assert.IsType<RolloutDecision.Hold>(Decide(Wave(2) with { Committed = 3, Late = 1, LastReport = Begin }, minutes: 300));
        Assert.IsType<RolloutDecision.Hold>(Decide(Wave(2) with { Committed = 3, Statistical = 1, LastReport = Begin }, minutes: 300, new GateSettings { HealthyShareMin = 1 }));
    }

    [Fact]
    public void A_gate_that_cannot_be_met_any_more_holds_at_once()
    {
        Assert.IsType<RolloutDecision.Hold>(Decide(Wave(2) with { Committed = 1, Statistical = 1, Late = 1 }, minutes: 10));
        Assert.IsType<RolloutDecision.Wait>(Decide(Wave(2) with { Committed = 1, Probation = 1 }, minutes: 10));
    }

    [Fact]
    public void The_soak_begins_with_the_last_report()
    {
        var wave = Wave(2) with { Committed = 20, LastReport = Begin.AddMinutes(40) };
        var wait = Assert.IsType<RolloutDecision.Wait>(Decide(wave, minutes: 69));
        Assert.Equal("At 11:10 UTC.", wait.Verdict.When);
        Assert.IsType<RolloutDecision.Advance>(Decide(wave, minutes: 70));
    }

    [Fact]
    public void The_last_wave_ends_the_rollout_and_names_who_is_behind()
    {
        var done = Assert.IsType<RolloutDecision.Done>(RolloutDecider.Decide(
            Facts(70, Wave(1) with { Committed = 1 }, Wave(2) with { Committed = 5 }, Wave(3) with { Committed = 30 }, Wave(4) with { Committed = 99, Offline = 1, LastReport = Begin }), Gate));
        Assert.StartsWith("Done: 135 of 136 devices committed leaf 2.0.0.", done.Verdict.Why, StringComparison.Ordinal);
        Assert.StartsWith("1 device", done.Verdict.Next, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wait_says_what_it_waits_for_and_until_when()
    {
        var wait = Assert.IsType<RolloutDecision.Wait>(Decide(Wave(2) with { Committed = 9, Probation = 6, UnderWay = 2, Waiting = 1, Offline = 2 }, minutes: 10));
        Assert.Equal("Wave 2 of 4 runs. 9 of 20 devices committed, 6 in probation, 2 under way, 1 not begun, 2 offline (not counted), 17 needed.", wait.Verdict.Why);
        Assert.Equal("At the latest 11:00 UTC.", wait.Verdict.When);
    }

    [Fact]
    public void Stored_inputs_give_the_same_decision_again()
    {
        var inputs = new DecisionInputs(Facts(30, Wave(1) with { Committed = 1, LastReport = Begin }, Wave(2) with { Statistical = 30, Offline = 70 }), Gate, RolloutDecider.Rules);
        var again = JsonSerializer.Deserialize(JsonSerializer.Serialize(inputs, RolloutJson.Default.DecisionInputs), RolloutJson.Default.DecisionInputs)!;
        Assert.Equal(RolloutDecider.Decide(inputs.Facts, inputs.Gate), RolloutDecider.Decide(again.Facts, again.Gate));
        Assert.Equal(RolloutDecider.Rules, again.Rules);
    }

    [Fact]
    public void Going_back_waits_for_those_that_are_away_and_ends_when_all_have()
    {
        var facts = new ReturnFacts { HaltedWhy = "Halted: it was bad.", Back = 16, Asked = 4, Offline = 3 };
        var back = Assert.IsType<RolloutDecision.GoBack>(ReturnDecider.Decide(facts));
        Assert.Contains("20 devices go back to what they ran before: 16 done, 3 offline and will when they return, 1 under way.", back.Verdict.Why, StringComparison.Ordinal);
        Assert.IsType<RolloutDecision.Returned>(ReturnDecider.Decide(facts with { Back = 19, Asked = 0, Offline = 0, Keeps = 1 }));
    }

    private static WaveFacts Wave(int number) => new() { Number = number, Started = Begin };

    private static RolloutFacts Facts(int minutes, params WaveFacts[] told) =>
        new() { Rollout = 17, Package = "leaf 2.0.0", Waves = 4, Told = told, Now = Begin.AddMinutes(minutes) };

    private static RolloutDecision Decide(WaveFacts wave, int minutes, GateSettings? gate = null) => RolloutDecider.Decide(Facts(minutes, wave), gate ?? Gate);
}
