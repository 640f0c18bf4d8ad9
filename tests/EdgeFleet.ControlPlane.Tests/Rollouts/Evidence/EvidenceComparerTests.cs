using EdgeFleet.ControlPlane.Rollouts.Evidence;
using EdgeFleet.ControlPlane.Telemetry;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ControlPlane.Tests.Rollouts.Evidence;

public sealed class EvidenceComparerTests
{
    private static readonly GateSettings Gate = new();

    [Fact]
    public void What_hits_old_and_new_alike_is_no_difference()
    {
        // Everybody is 60 % slower than the day before, and surer of less.
        var devices = Fleet(10, 40, (i, _) => (1.6 * (1 + 0.004 * (i % 7)), 1.2, 0.7));
        var measures = EvidenceComparer.Compare(devices, Gate, null);
        Assert.All([Measure.Latency, Measure.Energy, Measure.Confidence, Measure.Answers, Measure.Errors], m => Assert.Equal(MeasureVerdict.Passes, Of(measures, m).Verdict));
        Assert.InRange(Of(measures, Measure.Latency).Difference, -0.02, 0.02);
    }

    [Fact]
    public void A_model_that_takes_more_is_seen_through_levels_that_differ_tenfold()
    {
        var devices = Fleet(10, 40, (i, on) => (1 + 0.01 * (i % 5), on ? 1.4 : 1, 0.8));
        var energy = Of(EvidenceComparer.Compare(devices, Gate, null), Measure.Energy);
        Assert.Equal((MeasureVerdict.Fails, 10, 40, 1), (energy.Verdict, energy.Candidates, energy.Controls, energy.Tested));
        Assert.InRange(Math.Exp(energy.Difference), 1.35, 1.45);
    }

    [Fact]
    public void Less_confidence_and_fewer_answers_are_worse_and_more_are_not()
    {
        Assert.Equal(MeasureVerdict.Fails, Of(EvidenceComparer.Compare(Fleet(8, 30, (_, on) => (1, 1, on ? 0.7 : 0.8)), Gate, null), Measure.Confidence).Verdict);
        Assert.Equal(MeasureVerdict.Passes, Of(EvidenceComparer.Compare(Fleet(8, 30, (_, on) => (1, 1, on ? 0.9 : 0.8)), Gate, null), Measure.Confidence).Verdict);
        Assert.Equal(MeasureVerdict.Passes, Of(EvidenceComparer.Compare(Fleet(8, 30, (_, on) => (on ? 0.5 : 1, 1, 0.8)), Gate, null), Measure.Latency).Verdict);
    }

    [Fact]
    public void A_mix_of_answers_that_collapses_to_one_label_fails_and_labels_of_another_number_are_not_compared()
    {
        long[] mix = [50, 30, 20], collapsed = [95, 3, 2];
        var devices = Fleet(8, 30, (_, _) => (1, 1, 0.8)).Select(d => d with { Before = d.Before with { Outputs = mix }, After = d.After with { Outputs = d.IsCandidate ? collapsed : mix } }).ToList();
        Assert.Equal(MeasureVerdict.Fails, Of(EvidenceComparer.Compare(devices, Gate, null), Measure.ClassMix).Verdict);
        var other = devices.Select(d => d with { After = d.After with { Outputs = d.IsCandidate ? [1, 2, 3, 400] : mix } }).ToList();
        Assert.Equal(0, Of(EvidenceComparer.Compare(other, Gate, null), Measure.ClassMix).Candidates);
    }

    [Fact]
    public void A_measure_that_passed_is_not_tested_again_and_each_is_tested_three_times_at_most()
    {
        var good = EvidenceComparer.Compare(Fleet(10, 40, (_, _) => (1, 1, 0.8)), Gate, null);
        var look = new LookFacts { Wave = 2, Number = 1, At = default, Measures = good };
        var again = EvidenceComparer.Compare(Fleet(10, 40, (_, on) => (on ? 3 : 1, 1, 0.8)), Gate, look);
        Assert.Same(Of(good, Measure.Latency), Of(again, Measure.Latency));

        var spent = look with { Measures = [new MeasureFacts { Measure = Measure.Energy, CandidatesBefore = 9, ControlsBefore = 9, Candidates = 9, Controls = 9, Tested = 3, Difference = 0.1, Lower = -1, Upper = 1, Allowed = 0.2 }] };
        Assert.Equal(3, Of(EvidenceComparer.Compare(Fleet(10, 40, (_, on) => (1, on ? 2 : 1, 0.8)), Gate, spent), Measure.Energy).Tested);
    }

    [Fact]
    public void A_window_needs_minutes_and_a_mix_needs_answers()
    {
        Assert.Null(WindowFacts.Of(Minutes(4, 10_000)).P95Us);
        Assert.Equal(10_000, WindowFacts.Of(Minutes(5, 10_000)).P95Us);
        Assert.Empty(WindowFacts.Of(Minutes(5, 10_000), [10, 9]).Outputs);
        Assert.Equal([10, 10], WindowFacts.Of(Minutes(5, 10_000), [10, 10]).Outputs);
    }

    [Fact]
    public void A_window_takes_the_median_of_p95_and_weighs_the_rest_by_answers()
    {
        FleetMinute[] minutes = [.. Minutes(4, 1000), new(0, 60, "leaf@2", 100, 100, 9_000_000, 100, 1000), new(0, 60, "leaf@2", 0, 0, 0, null, null)];
        var window = WindowFacts.Of(minutes);
        Assert.Equal(1000, window.P95Us);
        Assert.Equal((4 * 10 * 0.8 + 100 * 0.1) / 140, window.Confidence!.Value, 9);
        Assert.Equal((4 * 10 * 5000 + 100 * 1000) / 140.0, window.EnergyUj!.Value, 6);
        Assert.Equal(100.0 / 240, window.ErrorShare!.Value, 9);
        Assert.Equal(28, window.PerMinute!.Value, 9); // The dark minute does not count.
    }

    [Fact]
    public void Records_count_on_the_side_where_they_belong()
    {
        var spans = new EvidenceWindows(0, 100, 200, 300);
        Assert.Equal(-1, spans.SideOf(50, "leaf@1", "leaf@2", true));
        Assert.Equal(0, spans.SideOf(50, "leaf@2", "leaf@2", true));
        Assert.Equal(1, spans.SideOf(250, "leaf@2", "leaf@2", true));
        Assert.Equal(0, spans.SideOf(250, "leaf@1", "leaf@2", true));
        Assert.Equal(1, spans.SideOf(250, "leaf@1", "leaf@2", false));
        Assert.Equal(0, spans.SideOf(250, "leaf@2", "leaf@2", false));
        Assert.Equal(0, spans.SideOf(150, "leaf@1", "leaf@2", false));
    }

    [Fact]
    public void Devices_over_a_budget_are_counted_and_the_first_is_named()
    {
        var devices = Fleet(5, 0, (i, _) => (i == 2 ? 40 : 1, 1, 0.8));
        var count = BudgetCount.Of(devices, new Budgets { P95LatencyMs = 100, MemoryMb = 1 });
        Assert.Equal((5, 1), (count.Known, count.Over));
        Assert.Contains("the manifest allows 100.0 ms", count.First!, StringComparison.Ordinal);
        Assert.Equal(0, BudgetCount.Of(devices, null).Known);
    }

    [Fact]
    public void Sides_of_other_hardware_are_said()
    {
        var devices = Fleet(10, 40, (_, _) => (1, 1, 0.8));
        Assert.Null(CohortLikeness.Say("hardware", devices, _ => "orin-nano"));
        Assert.Contains("'pi-4' is 100 % of the devices on it and 0 % of those beside it",
            CohortLikeness.Say("hardware", devices, d => devices.Single(x => x.Device == d).IsCandidate ? "pi-4" : "orin-nano")!, StringComparison.Ordinal);
    }

    private static MeasureFacts Of(IReadOnlyList<MeasureFacts> measures, Measure measure) => measures.Single(m => m.Measure == measure);

    private static FleetMinute[] Minutes(int count, long p95) => [.. Enumerable.Range(0, count).Select(i => new FleetMinute(i, 60, "leaf@2", 10, 0, p95, 800, 5000))];

    // Levels from 1 to 10; the function gives what each is of its own day before.
    private static List<DeviceEvidence> Fleet(int on, int beside, Func<int, bool, (double Latency, double Energy, double Confidence)> after) => [.. Enumerable.Range(0, on + beside).Select(i =>
    {
        var (level, now) = (1.0 + i % 10, after(i, i < on));
        return new DeviceEvidence($"dev-{i}", i < on,
            new WindowFacts { P95Us = 10_000 * level, EnergyUj = 50_000 * level, Confidence = 0.8, ErrorShare = 0, PerMinute = 10 },
            new WindowFacts { P95Us = 10_000 * level * now.Latency, EnergyUj = 50_000 * level * now.Energy, Confidence = now.Confidence, ErrorShare = 0, PerMinute = 10 });
    })];
}
