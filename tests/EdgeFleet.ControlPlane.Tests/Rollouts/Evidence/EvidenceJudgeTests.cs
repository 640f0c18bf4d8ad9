using System.Text.Json;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.Shared.Api;

namespace EdgeFleet.ControlPlane.Tests.Rollouts.Evidence;

public sealed class EvidenceJudgeTests
{
    private static readonly DateTimeOffset Begin = new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero);
    private static readonly GateSettings Gate = new();

    [Theory]
    [InlineData(0.00, -0.05, 0.05, 1, nameof(MeasureVerdict.Passes))]
    [InlineData(0.10, 0.05, 0.20, 1, nameof(MeasureVerdict.Passes))] // The upper bound is at the gate.
    [InlineData(0.30, 0.21, 0.40, 1, nameof(MeasureVerdict.Fails))]
    [InlineData(0.30, 0.20, 0.40, 1, nameof(MeasureVerdict.TooFew))] // The lower bound is at the gate.
    [InlineData(0.30, 0.10, 0.50, 2, nameof(MeasureVerdict.TooFew))]
    [InlineData(0.30, 0.10, 0.50, 3, nameof(MeasureVerdict.Fails))] // At the last look: surely worse, and by the best estimate beyond the gate.
    [InlineData(0.15, 0.10, 0.50, 3, nameof(MeasureVerdict.TooFew))]
    [InlineData(0.30, -0.10, 0.50, 3, nameof(MeasureVerdict.TooFew))]
    public void A_measure_is_judged_by_its_interval_against_the_gate(double difference, double lower, double upper, int tested, string verdict) =>
        Assert.Equal(verdict, Some(difference, lower, upper, tested).Verdict.ToString());

    [Fact]
    public void So_few_devices_that_there_are_no_bounds_tell_nothing() => Assert.Equal(MeasureVerdict.TooFew, (Some(0.5, 0, 0) with { Lower = null, Upper = null }).Verdict);

    [Fact]
    public void Data_that_was_there_before_and_is_not_now_is_missing_and_what_never_was_is_not_measured()
    {
        Assert.Equal(MeasureVerdict.NoData, (Some(0, -1, 0.1) with { Candidates = 4 }).Verdict); // Less than half of 10.
        Assert.Equal(MeasureVerdict.NoData, (Some(0, -1, 0.1) with { Controls = 44 }).Verdict);
        Assert.Equal(MeasureVerdict.NotMeasured, (Some(0, -1, 0.1) with { ControlsBefore = 2 }).Verdict);
        Assert.Equal(MeasureVerdict.NotMeasured, (Some(0, -1, 0.1) with { CandidatesBefore = 2 }).Verdict);
    }

    [Theory]
    [InlineData(3, 5, false)] // One of 56 orders: more than one in 60.
    [InlineData(4, 4, true)] // One of 70.
    [InlineData(3, 6, true)]
    [InlineData(2, 98, false)] // One flaky board would be half of a side.
    [InlineData(98, 2, false)]
    [InlineData(3, 97, true)]
    public void A_comparison_takes_eight_devices_in_all_three_on_either_side_and_an_order_rarer_than_a_look_may_err(int candidates, int controls, bool can) =>
        Assert.Equal(can, EvidenceJudge.CanTell(candidates, controls));

    [Fact]
    public void A_measure_that_fails_halts_and_names_itself()
    {
        var halt = Assert.IsType<RolloutDecision.Halt>(Decide(30, Some(Math.Log(1.4), Math.Log(1.3), Math.Log(1.5))));
        Assert.Contains("energy per inference: +40 % (+30 % to +50 %), at most +22.1 % is allowed, 10 devices on it beside 90", halt.Verdict.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Evidence_that_passes_advances_and_one_that_cannot_tell_but_looks_no_worse_does_too()
    {
        Assert.IsType<RolloutDecision.Advance>(Decide(30, Some(0, -0.1, 0.1)));
        var advance = Assert.IsType<RolloutDecision.Advance>(Decide(30, Some(0.1, -0.3, 0.5)));
        Assert.Contains("1 have too few devices to tell", advance.Verdict.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_evidence_waits_then_holds_and_never_promotes()
    {
        var missing = Some(0, 0, 0) with { Candidates = 0 };
        var wait = Assert.IsType<RolloutDecision.Wait>(Decide(30, missing));
        Assert.Contains("no data: 0 of 10 devices on it", wait.Verdict.Why, StringComparison.Ordinal);
        Assert.Equal("At 11:00 UTC.", wait.Verdict.When);
        for (var minutes = 240; minutes < 100_000; minutes *= 2)
            Assert.IsType<RolloutDecision.Hold>(Decide(minutes, missing));
        Assert.IsType<RolloutDecision.Hold>(RolloutDecider.Decide(Facts(300, Look() with { Measures = [Some(0, 0, 0) with { CandidatesBefore = 0 }] }), Gate));
        Assert.IsType<RolloutDecision.Wait>(RolloutDecider.Decide(Facts(300, null), Gate));
    }

    [Fact]
    public void What_looks_worse_is_looked_at_again_and_after_the_last_look_a_person_decides()
    {
        Assert.IsType<RolloutDecision.Wait>(Decide(30, Some(0.3, -0.1, 0.5, tested: 1)));
        Assert.IsType<RolloutDecision.Wait>(Decide(90, Some(0.3, -0.1, 0.5, tested: 2)));
        var hold = Assert.IsType<RolloutDecision.Hold>(Decide(90, Some(0.3, -0.1, 0.5, tested: 3)));
        Assert.Contains("--without-evidence", hold.Verdict.CanDo, StringComparison.Ordinal);
    }

    [Fact]
    public void A_look_of_the_wave_before_is_not_one_of_this_wave()
    {
        var facts = Facts(30, Look() with { Wave = 1, Measures = [Some(0, -0.1, 0.1)] });
        Assert.Contains("looked at", Assert.IsType<RolloutDecision.Wait>(RolloutDecider.Decide(facts, Gate)).Verdict.Next, StringComparison.Ordinal);
        Assert.Equal(1, EvidenceSchedule.Due(facts, Gate));
    }

    [Fact]
    public void Looks_are_taken_when_the_wave_has_soaked_and_again_only_when_one_was_not_enough()
    {
        Assert.Null(EvidenceSchedule.Due(Facts(29, null), Gate));
        Assert.Equal(1, EvidenceSchedule.Due(Facts(30, null), Gate));
        Assert.Null(EvidenceSchedule.Due(Facts(500, Look() with { Measures = [Some(0, -0.1, 0.1)] }), Gate));
        var doubtful = Look() with { Measures = [Some(0.3, -0.1, 0.5)] };
        Assert.Null(EvidenceSchedule.Due(Facts(59, doubtful), Gate));
        Assert.Equal(2, EvidenceSchedule.Due(Facts(60, doubtful), Gate));
        Assert.Null(EvidenceSchedule.Due(Facts(500, Look() with { Measures = [Some(0.3, -0.1, 0.5, tested: 3)] }), Gate));
        Assert.Null(EvidenceSchedule.Due(Facts(500, null) with { Evidence = null }, Gate));
    }

    [Fact]
    public void Too_few_on_a_side_are_not_compared_and_budgets_judge_alone()
    {
        var few = Facts(30, Look()) with { Evidence = new EvidenceFacts { Told = 2, Candidates = 2, Controls = 98, Look = Look() with { Budgeted = 3 } } };
        Assert.IsType<RolloutDecision.Advance>(RolloutDecider.Decide(few, Gate));
        var over = few with { Evidence = few.Evidence! with { Look = Look() with { Budgeted = 3, OverBudget = 2, FirstOver = "leaf-1: p95 is 900.0 ms." } } };
        Assert.Contains("leaf-1: p95 is 900.0 ms", Assert.IsType<RolloutDecision.Halt>(RolloutDecider.Decide(over, Gate)).Verdict.Why, StringComparison.Ordinal);
        Assert.IsNotType<RolloutDecision.Halt>(RolloutDecider.Decide(over, new GateSettings { FailureRatioMax = 1 }));
    }

    [Fact]
    public void Devices_that_are_away_where_the_plan_had_enough_are_missing_evidence()
    {
        var away = Facts(30, Look()) with { Evidence = new EvidenceFacts { Told = 5, Candidates = 2, Controls = 5, Look = Look() } };
        Assert.Contains("it runs on 2 of 5 devices that were told, beside 5", Assert.IsType<RolloutDecision.Wait>(RolloutDecider.Decide(away, Gate)).Verdict.Why, StringComparison.Ordinal);
        Assert.IsType<RolloutDecision.Hold>(RolloutDecider.Decide(away with { Now = Begin.AddMinutes(240) }, Gate));
        Assert.Equal(2, EvidenceSchedule.Due(away with { Now = Begin.AddMinutes(60) }, Gate));
    }

    [Fact]
    public void Decisions_of_the_first_rules_come_out_the_same_from_what_was_stored_then()
    {
        const string Stored = """
            {"facts":{"rollout":17,"package":"leaf 2.0.0","waves":4,"told":[{"number":2,"started":"2026-11-24T10:00:00+00:00","lastReport":"2026-11-24T10:10:00+00:00","committed":20,"probation":0,"underWay":0,"waiting":0,"silent":0,"late":0,"offline":0,"deterministic":0,"statistical":0,"local":0,"firstFailure":null}],"now":"2026-11-24T10:40:00+00:00"},
            "gate":{"healthyShareMin":0.9,"failureRatioMax":0.05,"decidedMin":5,"soakMinutes":30,"startedByMinutes":60,"healthyByMinutes":240},"rules":1}
            """;
        var inputs = JsonSerializer.Deserialize(Stored, RolloutJson.Default.DecisionInputs)!;
        var advance = Assert.IsType<RolloutDecision.Advance>(RolloutDecider.Decide(inputs));
        Assert.Equal("Wave 2 of 4 passed: 20 of 20 devices committed.", advance.Verdict.Why);

        // By the first rules one that failed stopped a wave of four.
        var four = inputs with { Facts = inputs.Facts with { Told = [inputs.Facts.Told[0] with { Committed = 3, Statistical = 1 }] } };
        Assert.IsType<RolloutDecision.Hold>(RolloutDecider.Decide(four));
        Assert.IsType<RolloutDecision.Advance>(RolloutDecider.Decide(four with { Rules = 2 }));
    }

    [Fact]
    public void Stored_evidence_gives_the_same_decision_again()
    {
        var inputs = new DecisionInputs(Facts(30, Look() with { Measures = [Some(0.3, 0.25, 0.5), Some(0, 0, 0) with { Lower = null, Upper = null }] }), Gate, RolloutDecider.Rules);
        var again = JsonSerializer.Deserialize(JsonSerializer.Serialize(inputs, RolloutJson.Default.DecisionInputs), RolloutJson.Default.DecisionInputs)!;
        Assert.Equal(RolloutDecider.Decide(inputs.Facts, inputs.Gate), RolloutDecider.Decide(again.Facts, again.Gate));
    }

    private static MeasureFacts Some(double difference, double lower, double upper, int tested = 1) => new()
    {
        Measure = Measure.Energy, CandidatesBefore = 10, ControlsBefore = 90, Candidates = 10, Controls = 90, Tested = tested, Difference = difference, Lower = lower, Upper = upper, Allowed = 0.2,
    };

    private static LookFacts Look() => new() { Wave = 2, Number = 1, At = Begin.AddMinutes(30) };

    private static RolloutFacts Facts(int minutes, LookFacts? look) => new()
    {
        Rollout = 17, Package = "leaf 2.0.0", Waves = 4, Now = Begin.AddMinutes(minutes),
        Told = [new WaveFacts { Number = 1, Started = Begin.AddHours(-2), Committed = 1 }, new WaveFacts { Number = 2, Started = Begin, Committed = 9, LastReport = Begin.AddMinutes(20), MetSince = Begin }],
        Evidence = new EvidenceFacts { Told = 10, Candidates = 10, Controls = 90, Look = look },
    };

    private static RolloutDecision Decide(int minutes, MeasureFacts measure) => RolloutDecider.Decide(Facts(minutes, Look() with { Measures = [measure] }), Gate);
}
