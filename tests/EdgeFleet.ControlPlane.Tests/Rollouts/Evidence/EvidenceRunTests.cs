using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Tests.Rollouts.Evidence;

/// <summary>Rollouts judged by rows and profiles in the real stores.</summary>
public abstract class EvidenceRunTests(PostgresFixture? postgres) : PlaneTests(postgres)
{
    private const int Boards = 20;

    [Fact]
    public async Task A_release_that_measures_as_the_earlier_one_goes_to_all_and_says_so()
    {
        var (fleet, telemetry, _) = await FleetAsync();
        var done = await RunAsync(fleet, telemetry, (await fleet.StartAsync("2.0.0")).Rollout.Id);
        Assert.Equal(("done", Boards), (done.Rollout.State, done.Rollout.Committed));
        Assert.Contains(done.Decisions, d => d.Verb == "Advance" && d.Sentence.Contains("measures pass", StringComparison.Ordinal));
        Assert.Contains("rules 2", done.Decisions.Select(d => d.By));
    }

    [Fact]
    public async Task A_release_that_takes_more_energy_is_halted_by_what_boards_measured_and_they_go_back()
    {
        var (fleet, telemetry, _) = await FleetAsync();
        telemetry.Energy = version => version == "2.0.0" ? 1.6 : 1;
        var halted = await RunAsync(fleet, telemetry, (await fleet.StartAsync("2.0.0")).Rollout.Id);
        Assert.Equal("rolled-back", halted.Rollout.State);
        Assert.Contains("energy per inference: +6", halted.Verdict.Why, StringComparison.Ordinal);
        Assert.All(await fleet.RunsAsync(), r => Assert.Equal("1.0.0", r.Value));
    }

    [Fact]
    public async Task A_release_whose_answers_collapse_is_halted_by_the_profiles()
    {
        var (fleet, telemetry, _) = await FleetAsync();
        telemetry.Mix = version => version == "2.0.0" ? [98, 1, 1] : [50, 30, 20];
        var halted = await RunAsync(fleet, telemetry, (await fleet.StartAsync("2.0.0")).Rollout.Id);
        Assert.Equal("rolled-back", halted.Rollout.State);
        Assert.Contains("mix of answers", halted.Verdict.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_do_not_come_hold_the_rollout_and_it_goes_on_when_they_do()
    {
        var (fleet, telemetry, _) = await FleetAsync();
        telemetry.IsLost = version => version == "2.0.0";
        var id = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        var held = await RunAsync(fleet, telemetry, id, rounds: 60);
        Assert.Equal("holding", held.Rollout.State);
        Assert.Contains("no data", held.Verdict.Why, StringComparison.Ordinal);

        telemetry.IsLost = _ => false;
        Assert.Equal("done", (await RunAsync(fleet, telemetry, id)).Rollout.State);
    }

    [Fact]
    public async Task Without_evidence_only_the_updates_themselves_count()
    {
        var (fleet, telemetry, _) = await FleetAsync();
        telemetry.Energy = version => version == "2.0.0" ? 1.6 : 1;
        var done = await RunAsync(fleet, telemetry, (await fleet.StartAsync("2.0.0", gate: new GateSettings { Evidence = false })).Rollout.Id);
        Assert.Equal("done", done.Rollout.State);
    }

    [Fact]
    public async Task Every_decision_is_explained_and_comes_out_the_same()
    {
        var (fleet, telemetry, plane) = await FleetAsync();
        telemetry.Energy = version => version == "2.0.0" ? 1.6 : 1;
        var id = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        await RunAsync(fleet, telemetry, id);
        var explained = (await plane.Get<RolloutExplainer>().ExplainAsync(id, Cancel))!;
        Assert.Equal("Start", explained.Decisions[0].Verb);
        Assert.Null(explained.Decisions[0].Same);
        var halt = explained.Decisions.Single(d => d.Verb == "Halt");
        Assert.True(halt.Same);
        Assert.Contains(halt.Seen, s => s.StartsWith("energy per inference: +6", StringComparison.Ordinal) && s.EndsWith("fails", StringComparison.Ordinal));
        Assert.All(explained.Decisions.Where(d => d.Same is not null && d.Verb is not ("GoBack" or "Returned")), d => Assert.True(d.Same, $"{d.Verb}: {d.Now}"));
        Assert.Contains(explained.Plan, p => p.Contains("energy per inference from", StringComparison.Ordinal));
        Assert.Null(await plane.Get<RolloutExplainer>().ExplainAsync(99, Cancel));
    }

    [Fact]
    public async Task A_decision_that_the_rules_of_now_take_otherwise_is_said()
    {
        var (fleet, telemetry, plane) = await FleetAsync();
        var id = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        await RunAsync(fleet, telemetry, id);
        await using var db = await plane.DbAsync();
        var stored = await db.Set<StoredDecision>().AsNoTracking().FirstAsync(d => d.RolloutId == id && d.Verb == "Advance", Cancel);
        stored.Why = "Advanced for another reason.";
        var explained = RolloutExplainer.Explain(stored);
        Assert.False(explained.Same);
        Assert.StartsWith("Advance: Wave", explained.Now!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_that_fails_what_its_wave_takes_goes_to_quarantine_and_later_rollouts_leave_it_out()
    {
        var (fleet, telemetry, plane) = await FleetAsync();
        var started = await fleet.StartAsync("2.0.0");
        var flaky = started.Devices.First(d => d.Wave == 3).Device;
        fleet.Answer = (device, _) => device == flaky ? Outcome.TurnsBack : null;
        Assert.Equal("done", (await RunAsync(fleet, telemetry, started.Rollout.Id)).Rollout.State);

        var device = (await plane.RowsAsync<Device>()).Single(d => d.Id == DeviceId.Parse(flaky));
        Assert.NotNull(device.Quarantined);
        Assert.Contains("p95 was 900 ms", device.QuarantineReason!, StringComparison.Ordinal);
        Assert.Contains($"edgefleet device release {flaky}", device.QuarantineReason!, StringComparison.Ordinal);
        Assert.Contains(await plane.RowsAsync<DeviceHistory>(), h => h.Device == DeviceId.Parse(flaky) && h.What == "quarantine");
        Assert.Single(await plane.RowsAsync<Device>(), d => d.Quarantined is not null);

        var next = await fleet.StartAsync("3.0.0");
        var leftOut = next.Devices.Single(d => d.Device == flaky);
        Assert.Equal("left-out", leftOut.State);
        Assert.Contains("It is in quarantine", leftOut.Reason!, StringComparison.Ordinal);
    }

    private async Task<(SimulatedFleet Fleet, FleetTelemetry Telemetry, TestPlane Plane)> FleetAsync()
    {
        var plane = await OpenAsync(SimulatedFleet.AddRollouts);
        var fleet = new SimulatedFleet(plane);
        await fleet.PrepareAsync(Boards, "1.0.0", "2.0.0", "3.0.0");
        var telemetry = new FleetTelemetry(plane);
        await telemetry.WriteAsync(await fleet.RunsAsync(), 60);
        return (fleet, telemetry, plane);
    }

    private static async Task<RolloutDetail> RunAsync(SimulatedFleet fleet, FleetTelemetry telemetry, long id, int rounds = 120)
    {
        var plane = fleet.Plane;
        for (var round = 0; round < rounds; round++)
        {
            await plane.Get<RolloutRunner>().TickAsync(Cancel);
            await fleet.FollowAsync();
            plane.Time.Advance(TimeSpan.FromMinutes(10));
            await telemetry.WriteAsync(await fleet.RunsAsync(), 10);
            if ((await plane.RowsAsync<Rollout>()).Single(r => r.Id == id).Settled)
                break;
        }

        return (await plane.Get<RolloutQueries>().FindAsync(id, Cancel))!;
    }
}

public sealed class EvidenceRunOnSqliteTests() : EvidenceRunTests(null);

public sealed class EvidenceRunOnPostgresTests(PostgresFixture postgres) : EvidenceRunTests(postgres);
