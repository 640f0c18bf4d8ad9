using EdgeFleet.ControlPlane.Access;
using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.SimulatedFleets;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Tests.Rollouts;

/// <summary>What a rollout must survive, by the names of the list. Approval (R14) and windows (R17) are not built, and a package in use cannot be deleted at all (R16).</summary>
public abstract class FaultListTests(PostgresFixture? postgres) : PlaneTests(postgres)
{
    [Fact]
    public async Task R1_a_canary_that_is_silent_as_a_whole_is_not_promoted()
    {
        var (plane, fleet) = await FleetAsync(20);
        var id = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        for (var i = 0; i < 50; i++)
        {
            await plane.Get<RolloutRunner>().TickAsync(Cancel);
            plane.Time.Advance(TimeSpan.FromHours(1));
        }

        var held = (await plane.Get<RolloutQueries>().FindAsync(id, Cancel))!;
        Assert.Equal("holding", held.Rollout.State);
        Assert.Single(held.Waves, w => w.State != "waiting");
    }

    [Fact]
    public void R2_thirty_of_a_hundred_there_and_all_failing_halts() => Assert.All(Enumerable.Range(1, 10), seed =>
        Assert.True(FleetTrial.Run(new Scenario { Boards = 100, Model = ModelBehaviour.CrashesAlways, Seed = seed, AwayShare = 0.7, AwayForEver = true }).IsHalted));

    [Fact]
    public async Task R3_two_failures_of_four_are_no_share_and_still_halt_a_later_wave()
    {
        var (_, fleet) = await FleetAsync(9);
        var started = await fleet.StartAsync("2.0.0");
        var failing = started.Devices.Where(d => d.Wave == 2).Select(d => d.Device).ToList();
        fleet.Answer = (device, _) => failing.Contains(device) ? Outcome.TurnsBack : null;
        Assert.Equal("rolled-back", (await fleet.RunAsync(started.Rollout.Id)).Rollout.State);
    }

    [Fact]
    public void R4_one_flaky_device_neither_halts_ten_thousand_nor_hides_among_them()
    {
        var result = FleetTrial.Run(new Scenario { Boards = 10_000, Model = ModelBehaviour.Good, Seed = 4, HasFlakyBoard = true });
        Assert.True(result.IsDone, result.ToString());
        var flaky = new RolloutDevice { RolloutId = 1, Device = DeviceId.Parse("leaf-1"), Wave = 2, Attempt = 1, Progress = Progress.RolledBack, Failure = Shared.Messages.FailureKind.Statistical };
        Assert.True(RolloutQuarantine.IsFor(flaky, Rollout(wave: 2)));
        Assert.False(RolloutQuarantine.IsFor(flaky, Rollout(wave: 1)));
        flaky.Failure = Shared.Messages.FailureKind.Local;
        Assert.False(RolloutQuarantine.IsFor(flaky, Rollout(wave: 2)));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task R5_a_gate_of_none_and_of_all_failures_is_what_it_says(double ratioMax, bool halts)
    {
        var (_, fleet) = await FleetAsync(9);
        var started = await fleet.StartAsync("2.0.0", gate: new GateSettings { FailureRatioMax = ratioMax, HealthyShareMin = 0, DecidedMin = 1, Evidence = false });
        var one = started.Devices.First(d => d.Wave == 3).Device;
        fleet.Answer = (device, _) => device == one ? Outcome.TurnsBack : null;
        Assert.Equal(halts ? "rolled-back" : "done", (await fleet.RunAsync(started.Rollout.Id)).Rollout.State);
    }

    [Fact]
    public async Task R6_who_joins_late_leaves_or_moves_changes_no_denominator()
    {
        var (plane, fleet) = await FleetAsync(8);
        var started = await fleet.StartAsync("2.0.0", selector: "device=leaf-1,leaf-1,leaf-2,leaf-3,leaf-4,leaf-5,leaf-6,leaf-7,leaf-8");
        Assert.Equal(8, started.Devices.Count); // Named twice is one device.
        await fleet.AddAsync("late-1", "1.0.0");
        await using (var db = await plane.DbAsync())
        {
            var (gone, moved) = (DeviceId.Parse(started.Devices.Last(d => d.Wave == 3).Device), DeviceId.Parse(started.Devices.First(d => d.Wave == 3).Device));
            (await db.Set<Device>().SingleAsync(d => d.Id == gone, Cancel)).Revoked = 1;
            (await db.Set<Device>().SingleAsync(d => d.Id == gone, Cancel)).Presence = "lost";
            (await db.Set<Device>().SingleAsync(d => d.Id == moved, Cancel)).Site = "elsewhere";
            await db.SaveChangesAsync(Cancel);
        }

        var done = await fleet.RunAsync(started.Rollout.Id);
        Assert.Equal(("done", 8, 7), (done.Rollout.State, done.Rollout.Devices, done.Rollout.Committed));
        Assert.Equal("1.0.0", (await fleet.RunsAsync())["late-1"]);
    }

    [Fact]
    public async Task R7_an_empty_group_and_one_that_is_excluded_as_a_whole_are_refused()
    {
        var (plane, _) = await FleetAsync(2);
        Assert.Contains("No device matches", await RefusedAsync(plane, "site=mars"), StringComparison.Ordinal);
        await using (var db = await plane.DbAsync())
        {
            await db.Set<Device>().ExecuteUpdateAsync(d => d.SetProperty(x => x.Quarantined, 1L), Cancel);
        }

        Assert.Contains("in quarantine", await RefusedAsync(plane, "all"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task R8_two_schedulers_at_once_start_every_wave_once()
    {
        var (plane, fleet) = await FleetAsync(8);
        var other = await OpenAsync(SimulatedFleet.AddRollouts);
        var id = (await fleet.StartAsync("2.0.0", gate: new GateSettings { SoakMinutes = 0 })).Rollout.Id;
        for (var i = 0; i < 12; i++)
        {
            await Task.WhenAll(plane.Get<RolloutRunner>().TickAsync(Cancel), other.Get<RolloutRunner>().TickAsync(Cancel));
            await fleet.FollowAsync();
        }

        var done = await fleet.RunAsync(id);
        Assert.Equal(("done", 8), (done.Rollout.State, done.Rollout.Committed));
        Assert.Equal(2, (await plane.RowsAsync<StoredDecision>()).Count(d => d.Verb == "Advance"));
        Assert.Equal(8, fleet.Taken.Select(t => t.Device).Distinct().Count());
        Assert.Equal(8, fleet.Taken.Count);
    }

    [Fact]
    public async Task R9_of_pause_and_abort_at_once_both_are_answered_and_one_state_holds()
    {
        var (plane, fleet) = await FleetAsync(8);
        var id = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        await plane.Get<RolloutRunner>().TickAsync(Cancel);
        var commands = plane.Get<RolloutCommands>();
        var endings = await Task.WhenAll(commands.PauseAsync(id, SimulatedFleet.Ana, Cancel), commands.AbortAsync(id, SimulatedFleet.Ana, Cancel));
        Assert.IsType<RolloutEnding.Done>(endings[1]);
        await fleet.FollowAsync();
        Assert.Contains((await fleet.RunAsync(id)).Rollout.State, (string[])["halted", "rolled-back"]);
        Assert.IsType<RolloutEnding.Refused>(await commands.ResumeAsync(id, SimulatedFleet.Ana, Cancel));
    }

    [Fact]
    public async Task R10_a_newer_rollout_supersedes_and_a_device_that_was_away_jumps_over_the_version_between()
    {
        var (_, fleet) = await FleetAsync(3);
        await fleet.SetOnlineAsync("leaf-3", false);
        var first = await fleet.StartAsync("2.0.0", waves: [1]);
        await fleet.RunAsync(first.Rollout.Id, rounds: 3);
        var second = await fleet.StartAsync("3.0.0", waves: [1]);
        await fleet.RunAsync(second.Rollout.Id, rounds: 3);
        await fleet.SetOnlineAsync("leaf-3", true);
        await fleet.RunAsync(second.Rollout.Id);
        Assert.All(await fleet.RunsAsync(), r => Assert.Equal("3.0.0", r.Value));
        Assert.DoesNotContain(("leaf-3", "2.0.0"), fleet.Taken);
    }

    [Fact]
    public async Task R11_a_device_that_turned_it_back_by_itself_is_seen_and_offered_it_again_only_for_a_higher_attempt()
    {
        var (_, fleet) = await FleetAsync(3);
        fleet.Answer = (_, wish) => wish.Attempt == 1 ? Outcome.TurnsBack : null;
        var first = await fleet.RunAsync((await fleet.StartAsync("2.0.0")).Rollout.Id);
        Assert.Equal("rolled-back", Assert.Single(first.Devices, d => d.Wave == 1).State);
        var again = Assert.IsType<RolloutEnding.Done>(await fleet.Plane.Get<RolloutCommands>().StartAsync(new RolloutRequest("leaf", "2.0.0", Attempt: 2), SimulatedFleet.Ana, Cancel));
        Assert.Equal("done", (await fleet.RunAsync(again.Rollout.Rollout.Id)).Rollout.State);
    }

    [Fact]
    public async Task R12_devices_under_way_when_it_halts_go_back_too()
    {
        var (plane, fleet) = await FleetAsync(8);
        var started = await fleet.StartAsync("2.0.0", waves: [1]);
        fleet.Answer = (device, wish) => wish.Package.Version != "2.0.0" ? null : device == "leaf-1" || device == "leaf-2" ? Outcome.Refuses : Outcome.Hangs;
        await plane.Get<RolloutRunner>().TickAsync(Cancel);
        await fleet.FollowAsync();
        var over = await fleet.RunAsync(started.Rollout.Id);
        Assert.Equal("rolled-back", over.Rollout.State);
        Assert.Equal(6, over.Devices.Count(d => d.State == "back"));
    }

    [Fact]
    public async Task R13_a_device_that_cannot_go_back_is_waited_for_and_nothing_turns_the_way_back_round()
    {
        var (plane, fleet) = await FleetAsync(8);
        var started = await fleet.StartAsync("2.0.0", waves: [0.5, 1], gate: new GateSettings { Evidence = false });
        var stuck = started.Devices.First(d => d.Wave == 1).Device;
        fleet.Answer = (device, wish) => wish.Package.Version == "2.0.0" && started.Devices.Single(d => d.Device == device).Wave == 2 ? Outcome.Refuses : null;
        for (var i = 0; i < 10; i++)
        {
            if ((await plane.RowsAsync<Rollout>()).Single().Wave == 2)
                await fleet.SetOnlineAsync(stuck, false);
            await plane.Get<RolloutRunner>().TickAsync(Cancel);
            await fleet.FollowAsync();
            plane.Time.Advance(TimeSpan.FromMinutes(60));
        }

        var waits = (await plane.Get<RolloutQueries>().FindAsync(started.Rollout.Id, Cancel))!;
        Assert.Equal("rolling-back", waits.Rollout.State);
        Assert.Equal("2.0.0", (await fleet.RunsAsync())[stuck]);
        Assert.IsType<RolloutEnding.Refused>(await plane.Get<RolloutCommands>().AbortAsync(started.Rollout.Id, SimulatedFleet.Ana, Cancel));
        await fleet.SetOnlineAsync(stuck, true);
        Assert.Equal("rolled-back", (await fleet.RunAsync(started.Rollout.Id)).Rollout.State);
        Assert.Equal("1.0.0", (await fleet.RunsAsync())[stuck]);
    }

    [Fact]
    public async Task R15_every_command_leaves_an_entry_in_the_audit_log()
    {
        var (plane, fleet) = await FleetAsync(3);
        var id = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        var commands = plane.Get<RolloutCommands>();
        await commands.PauseAsync(id, SimulatedFleet.Ana, Cancel);
        await commands.ResumeAsync(id, SimulatedFleet.Ana, Cancel);
        await commands.AbortAsync(id, SimulatedFleet.Ana, Cancel);
        Assert.Equal(["rollout.start", "rollout.pause", "rollout.resume", "rollout.abort"], (await plane.RowsAsync<AuditEntry>()).OrderBy(e => e.Id).Select(e => e.What));
    }

    private static Rollout Rollout(int wave) => new()
    {
        Model = "leaf", Version = "2.0.0", Digest = SimulatedFleet.Package("2.0.0").Digest, ManifestSize = 1, Slot = SimulatedFleet.Leaf, Selector = "all", Plan = "", StartedBy = "ana", Started = 1, Wave = wave,
    };

    private static async Task<string> RefusedAsync(TestPlane plane, string selector) => Assert.IsType<RolloutEnding.Refused>(
        await plane.Get<RolloutCommands>().StartAsync(new RolloutRequest("leaf", "2.0.0", Selector: selector), SimulatedFleet.Ana, Cancel)).Reason;

    private async Task<(TestPlane Plane, SimulatedFleet Fleet)> FleetAsync(int boards)
    {
        var plane = await OpenAsync(SimulatedFleet.AddRollouts);
        var fleet = new SimulatedFleet(plane);
        await fleet.PrepareAsync(boards, "1.0.0", "2.0.0", "3.0.0");
        return (plane, fleet);
    }
}

public sealed class FaultListOnSqliteTests() : FaultListTests(null);

public sealed class FaultListOnPostgresTests(PostgresFixture postgres) : FaultListTests(postgres);
