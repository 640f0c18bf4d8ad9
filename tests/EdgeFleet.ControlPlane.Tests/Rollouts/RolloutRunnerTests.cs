using EdgeFleet.ControlPlane.Devices;
using EdgeFleet.ControlPlane.Rollouts;
using EdgeFleet.ControlPlane.Tests.Data;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using Microsoft.EntityFrameworkCore;

namespace EdgeFleet.ControlPlane.Tests.Rollouts;

public abstract class RolloutRunnerTests(PostgresFixture? postgres) : PlaneTests(postgres)
{
    [Fact]
    public async Task A_good_package_reaches_every_board_wave_by_wave()
    {
        var (_, fleet) = await FleetAsync(8);
        var started = await fleet.StartAsync("2.0.0");
        Assert.Equal(("planned", 3), (started.Rollout.State, started.Waves.Count));

        var done = await fleet.RunAsync(started.Rollout.Id);
        Assert.Equal(("done", 8, 0), (done.Rollout.State, done.Rollout.Committed, done.Rollout.Failed));
        Assert.All(await fleet.RunsAsync(), r => Assert.Equal("2.0.0", r.Value));
        Assert.All(done.Waves, w => Assert.Equal((w.Size, "passed"), (w.Committed, w.State)));

        var waves = done.Devices.ToDictionary(d => d.Device, d => d.Wave);
        Assert.Equal([1, 2, 3, 3, 3, 3, 3, 3], fleet.Taken.Select(t => waves[t.Device]));
        Assert.Equal(["Done", "Wait", "Advance", "Wait", "Advance", "Wait", "Start"], done.Decisions.Select(d => d.Verb));
        Assert.Equal(["rules 2", "ana"], done.Decisions.Select(d => d.By).Distinct());
    }

    [Fact]
    public async Task Every_stored_decision_can_be_replayed_from_its_inputs()
    {
        var (plane, fleet) = await FleetAsync(8);
        await fleet.RunAsync((await fleet.StartAsync("2.0.0")).Rollout.Id);

        var stored = (await plane.RowsAsync<StoredDecision>()).Where(d => d.Inputs is not null).ToList();
        Assert.NotEmpty(stored);
        Assert.All(stored, d =>
        {
            var inputs = System.Text.Json.JsonSerializer.Deserialize(d.Inputs!, RolloutJson.Default.DecisionInputs)!;
            var again = RolloutDecider.Decide(inputs.Facts, inputs.Gate);
            Assert.Equal((d.Verb, d.Why, d.Next, d.When, d.CanDo), (again.Verb, again.Verdict.Why, again.Verdict.Next, again.Verdict.When, again.Verdict.CanDo));
        });
    }

    [Fact]
    public async Task A_package_that_the_canary_refuses_halts_and_what_is_wanted_is_what_runs()
    {
        var (_, fleet) = await FleetAsync(8);
        fleet.Answer = (_, wish) => wish.Package.Version == "2.0.0" ? Outcome.Refuses : null;
        var halted = await fleet.RunAsync((await fleet.StartAsync("2.0.0")).Rollout.Id);

        Assert.Equal(("halted", 0, 1), (halted.Rollout.State, halted.Rollout.Committed, halted.Rollout.Failed));
        Assert.Contains("cpu-int8 answers 'rust' for every item.", halted.Verdict.Why, StringComparison.Ordinal);
        Assert.Contains("Nobody outside wave 1 was told", halted.Verdict.Why, StringComparison.Ordinal);
        Assert.All(await fleet.RunsAsync(), r => Assert.Equal("1.0.0", r.Value));
        Assert.Equal("1.0.0", Assert.Single(await fleet.WantedAsync()).Value);
        Assert.Equal("rejected", Assert.Single(halted.Devices, d => d.Wave == 1).State);
    }

    [Fact]
    public async Task A_canary_that_turns_the_package_back_by_itself_halts()
    {
        var (_, fleet) = await FleetAsync(3);
        fleet.Answer = (_, wish) => wish.Package.Version == "2.0.0" ? Outcome.TurnsBack : null;
        var halted = await fleet.RunAsync((await fleet.StartAsync("2.0.0")).Rollout.Id);
        Assert.Equal("halted", halted.Rollout.State);
        Assert.Contains("p95 was 900 ms", halted.Verdict.Why, StringComparison.Ordinal);
        Assert.Equal("1.0.0", Assert.Single(await fleet.WantedAsync()).Value);
    }

    [Fact]
    public async Task Shadow_is_wished_for_the_version_alone_and_what_boards_say_of_it_is_shown()
    {
        var (plane, fleet) = await FleetAsync(2);
        var order = new ShadowOrder { Share = 0.2, Limits = new ShadowLimits { AgreementMin = 0.9 } };
        fleet.Answer = (device, wish) => wish.Package.Version != "2.0.0" ? null
            : wish.Shadow == order ? new Outcome("Rejected", FailureKind.Statistical, "Shadow: it agrees with leaf@1.0.0 on 50.0 % of 200 live samples; at least 90 % is asked.") : Outcome.Refuses;
        var halted = await fleet.RunAsync((await fleet.StartAsync("2.0.0", shadow: order)).Rollout.Id);

        Assert.Equal(("halted", 0, 1), (halted.Rollout.State, halted.Rollout.Committed, halted.Rollout.Failed));
        Assert.Contains("agrees with leaf@1.0.0 on 50.0 %", halted.Verdict.Why, StringComparison.Ordinal);
        Assert.Equal(order, halted.Shadow);
        Assert.All(await plane.RowsAsync<DesiredWish>(), w => Assert.DoesNotContain("shadow", w.Wish ?? "", StringComparison.OrdinalIgnoreCase));

        fleet.Answer = (_, wish) => wish.Package.Version == "3.0.0" ? new Outcome("Probation", Shadow: "agrees with leaf@1.0.0 on 98.0 % of 200 samples") : null;
        var rollout = await fleet.StartAsync("3.0.0", shadow: order, waves: [1]);
        await plane.Get<RolloutRunner>().TickAsync(Cancel);
        await fleet.FollowAsync();
        var shown = (await plane.Get<RolloutQueries>().FindAsync(rollout.Rollout.Id, Cancel))!;
        Assert.All(shown.Devices, d => Assert.Equal("agrees with leaf@1.0.0 on 98.0 % of 200 samples", d.Shadow));
    }

    [Fact]
    public async Task Samples_on_which_a_version_in_shadow_disagrees_are_kept_with_its_rollout_and_are_bounded()
    {
        var (plane, fleet) = await FleetAsync(2);
        var rollout = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        var seen = new Disagreement { Model = "leaf@1.0.0", Candidate = "leaf@2.0.0", Rollout = rollout, Answer = "rust", Confidence = 0.9, CandidateAnswer = "healthy", CandidateConfidence = double.NaN, Photo = Sha256Digest.Of("photo"u8) };
        await TellAsync(plane, "leaf-1", seen with { Readings = [.. new float[500]] });
        await TellAsync(plane, "leaf-1", seen with { Rollout = rollout + 1 });
        var one = Assert.Single((await plane.Get<RolloutQueries>().FindAsync(rollout, Cancel))!.Disagreements);
        Assert.Equal(("leaf-1", "rust", "healthy", 0.0, seen.Photo!.Value.Value, 200), (one.Device, one.Answer, one.CandidateAnswer, one.CandidateConfidence, one.Photo, one.Readings!.Count));

        for (var i = 0; i < ShadowExample.OfRolloutMax + 5; i++)
            await TellAsync(plane, "leaf-2", seen);
        Assert.Equal(ShadowExample.OfRolloutMax, (await plane.RowsAsync<ShadowExample>()).Count);
    }

    [Fact]
    public async Task Boards_that_committed_go_back_when_a_later_wave_fails_and_those_that_are_away_go_when_they_return()
    {
        var (plane, fleet) = await FleetAsync(8);
        var rollout = await fleet.StartAsync("2.0.0");
        var canary = rollout.Devices.Single(d => d.Wave == 1).Device;
        fleet.Answer = (device, wish) => wish.Package.Version == "2.0.0" && device != canary && rollout.Devices.Single(d => d.Device == device).Wave == 3 ? Outcome.TurnsBack : null;

        for (var i = 0; i < 12; i++)
        {
            if ((await plane.RowsAsync<Rollout>()).Single().Wave == 3)
                await fleet.SetOnlineAsync(canary, false);
            await plane.Get<RolloutRunner>().TickAsync(Cancel);
            await fleet.FollowAsync();
            plane.Time.Advance(TimeSpan.FromMinutes(10));
        }

        var back = (await plane.Get<RolloutQueries>().FindAsync(rollout.Rollout.Id, Cancel))!;
        Assert.Equal("rolling-back", back.Rollout.State);
        Assert.Contains("2 devices go back to what they ran before: 1 done, 1 offline and will when they return.", back.Verdict.Why, StringComparison.Ordinal);
        Assert.Equal("going-back", back.Devices.Single(d => d.Device == canary).State);

        await fleet.SetOnlineAsync(canary, true);
        var over = await fleet.RunAsync(rollout.Rollout.Id);
        Assert.Equal(("rolled-back", 0), (over.Rollout.State, over.Rollout.Committed));
        Assert.All(await fleet.RunsAsync(), r => Assert.Equal("1.0.0", r.Value));
        Assert.All(await fleet.WantedAsync(), w => Assert.Equal("1.0.0", w.Value));
    }

    [Fact]
    public async Task A_board_without_an_earlier_package_keeps_it_and_one_that_was_away_never_gets_it()
    {
        var (plane, fleet) = await FleetAsync(0);
        foreach (var id in (string[])["leaf-1", "leaf-2", "leaf-3", "leaf-4"])
            await fleet.AddAsync(id, runs: null);
        await fleet.SetOnlineAsync("leaf-4", false);
        fleet.Answer = (device, _) => device == "leaf-1" ? null : Outcome.Refuses;
        var rollout = await fleet.StartAsync("2.0.0", waves: [1], gate: new GateSettings { DecidedMin = 1 });
        await plane.Get<RolloutRunner>().TickAsync(Cancel);
        Assert.Equal(4, (await fleet.WantedAsync()).Count);

        var over = await fleet.RunAsync(rollout.Rollout.Id);
        Assert.Equal("rolled-back", over.Rollout.State);
        Assert.Contains("1 device had no earlier package and kept this one", over.Verdict.CanDo, StringComparison.Ordinal);
        Assert.Empty(await fleet.WantedAsync());
        await fleet.SetOnlineAsync("leaf-4", true);
        await fleet.FollowAsync();
        Assert.Equal("nothing", (await fleet.RunsAsync())["leaf-4"]);
    }

    [Fact]
    public async Task A_board_that_failed_by_itself_is_asked_again_with_a_higher_attempt_and_then_left()
    {
        var (_, fleet) = await FleetAsync(8);
        var attempts = new List<int>();
        var rollout = await fleet.StartAsync("2.0.0");
        var flaky = rollout.Devices.First(d => d.Wave == 3).Device;
        fleet.Answer = (device, wish) =>
        {
            if (device == flaky)
                attempts.Add(wish.Attempt);
            return device == flaky ? Outcome.DiskFull : null;
        };

        var done = await fleet.RunAsync(rollout.Rollout.Id, minutes: 16);
        Assert.Equal(("done", 7), (done.Rollout.State, done.Rollout.Committed));
        Assert.Equal([1, 2, 3], attempts);
        Assert.Contains("The disk is full.", done.Devices.Single(d => d.Device == flaky).Reason!, StringComparison.Ordinal);

        // The next rollout of the same package begins above what the board has given up.
        await fleet.StartAsync("2.0.0", selector: $"device={flaky}");
        fleet.Answer = (_, _) => null;
        await fleet.RunAsync(rollout.Rollout.Id + 1);
        Assert.Equal("2.0.0", (await fleet.RunsAsync())[flaky]);
    }

    [Fact]
    public async Task A_board_that_lets_its_update_wait_for_heat_is_no_failure_and_stops_no_wave()
    {
        var (_, fleet) = await FleetAsync(8);
        string? hot = null;
        fleet.Answer = (device, _) => fleet.Taken.Count > 3 && (hot ??= device) == device ? Outcome.IsHot : null;
        var done = await fleet.RunAsync((await fleet.StartAsync("2.0.0")).Rollout.Id);
        Assert.Equal(("done", 7, 0), (done.Rollout.State, done.Rollout.Committed, done.Rollout.Failed));
        Assert.Equal("waiting", done.Devices.Single(d => d.Device == hot).State);
    }

    [Fact]
    public async Task A_board_that_is_late_without_a_reason_of_its_own_holds_its_wave()
    {
        var (_, fleet) = await FleetAsync(8);
        string? slow = null;
        fleet.Answer = (device, _) => fleet.Taken.Count > 3 && (slow ??= device) == device ? Outcome.IsSlow : null;
        var held = await fleet.RunAsync((await fleet.StartAsync("2.0.0")).Rollout.Id);
        Assert.Equal(("holding", 7), (held.Rollout.State, held.Rollout.Committed));
    }

    [Fact]
    public async Task A_newer_rollout_supersedes_an_older_one_and_an_older_one_never_undoes_it()
    {
        var (plane, fleet) = await FleetAsync(8);
        fleet.Answer = (_, wish) => wish.Package.Version == "2.0.0" ? Outcome.Hangs : null;
        var older = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        await plane.Get<RolloutRunner>().TickAsync(Cancel);
        await fleet.FollowAsync();

        var newer = (await fleet.StartAsync("3.0.0")).Rollout.Id;
        var ended = (await plane.Get<RolloutQueries>().FindAsync(older, Cancel))!;
        Assert.Equal("superseded", ended.Rollout.State);
        Assert.Contains($"rollout {newer}", ended.Verdict.Why, StringComparison.Ordinal);
        Assert.Equal("done", (await fleet.RunAsync(newer)).Rollout.State);
        Assert.All(await fleet.RunsAsync(), r => Assert.Equal("3.0.0", r.Value));
    }

    [Fact]
    public async Task Rollouts_of_other_boards_go_on_beside_each_other()
    {
        var (plane, fleet) = await FleetAsync(4);
        var one = (await fleet.StartAsync("2.0.0", selector: "device=leaf-1,leaf-2")).Rollout.Id;
        var two = (await fleet.StartAsync("3.0.0", selector: "device=leaf-3,leaf-4")).Rollout.Id;
        await fleet.RunAsync(one);
        await fleet.RunAsync(two);
        Assert.Equal(["done", "done"], (await plane.Get<RolloutQueries>().ListAsync(Cancel)).Select(r => r.State));
        Assert.Equal(["2.0.0", "2.0.0", "3.0.0", "3.0.0"], (await fleet.RunsAsync()).OrderBy(r => r.Key).Select(r => r.Value));
    }

    [Fact]
    public async Task A_silent_wave_holds_and_goes_on_by_itself_when_the_boards_are_back()
    {
        var (_, fleet) = await FleetAsync(3);
        var rollout = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        foreach (var id in (string[])["leaf-1", "leaf-2", "leaf-3"])
            await fleet.SetOnlineAsync(id, false);
        var holding = await fleet.RunAsync(rollout, rounds: 30);
        Assert.Equal("holding", holding.Rollout.State);
        Assert.Contains("A silent wave is never passed", holding.Verdict.Why, StringComparison.Ordinal);
        Assert.Equal(1, holding.Waves[0].Offline);

        foreach (var id in (string[])["leaf-1", "leaf-2", "leaf-3"])
            await fleet.SetOnlineAsync(id, true);
        Assert.Equal("done", (await fleet.RunAsync(rollout)).Rollout.State);
    }

    [Fact]
    public async Task Pause_tells_nobody_new_resume_goes_on_and_each_says_what_it_cannot_do()
    {
        var (plane, fleet) = await FleetAsync(3);
        var commands = plane.Get<RolloutCommands>();
        var rollout = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        await plane.Get<RolloutRunner>().TickAsync(Cancel);
        Assert.Contains("not paused", ReasonOf(await commands.ResumeAsync(rollout, SimulatedFleet.Ana, Cancel)), StringComparison.Ordinal);

        Assert.Equal("paused", Assert.IsType<RolloutEnding.Done>(await commands.PauseAsync(rollout, SimulatedFleet.Ana, Cancel)).Rollout.Rollout.State);
        var paused = await fleet.RunAsync(rollout, rounds: 20);
        Assert.Equal(("paused", 1), (paused.Rollout.State, paused.Rollout.Committed));
        Assert.StartsWith("Paused by ana.", paused.Verdict.Why, StringComparison.Ordinal);
        Assert.Contains("paused already", ReasonOf(await commands.PauseAsync(rollout, SimulatedFleet.Ana, Cancel)), StringComparison.Ordinal);

        Assert.IsType<RolloutEnding.Done>(await commands.ResumeAsync(rollout, SimulatedFleet.Ana, Cancel));
        Assert.Equal("done", (await fleet.RunAsync(rollout)).Rollout.State);
        Assert.Contains("is done and cannot be aborted", ReasonOf(await commands.AbortAsync(rollout, SimulatedFleet.Ana, Cancel)), StringComparison.Ordinal);
        Assert.IsType<RolloutEnding.NotFound>(await commands.PauseAsync(999, SimulatedFleet.Ana, Cancel));
    }

    [Fact]
    public async Task A_pause_does_not_take_the_brake_away()
    {
        var (plane, fleet) = await FleetAsync(3);
        var rollout = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        await plane.Get<RolloutRunner>().TickAsync(Cancel);
        await plane.Get<RolloutCommands>().PauseAsync(rollout, SimulatedFleet.Ana, Cancel);
        fleet.Answer = (_, wish) => wish.Package.Version == "2.0.0" ? Outcome.Refuses : null;
        Assert.Equal("halted", (await fleet.RunAsync(rollout)).Rollout.State);
    }

    [Fact]
    public async Task Abort_closes_a_plan_that_nobody_was_told_and_sends_boards_back_otherwise()
    {
        var (plane, fleet) = await FleetAsync(3);
        var commands = plane.Get<RolloutCommands>();
        var first = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        Assert.Equal("aborted", Assert.IsType<RolloutEnding.Done>(await commands.AbortAsync(first, SimulatedFleet.Ana, Cancel)).Rollout.Rollout.State);
        await plane.Get<RolloutRunner>().TickAsync(Cancel);
        Assert.Empty(await fleet.WantedAsync());

        var second = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        await plane.Get<RolloutRunner>().TickAsync(Cancel);
        await fleet.FollowAsync();
        await plane.Get<RolloutRunner>().TickAsync(Cancel);
        Assert.Contains("ana ended it", Assert.IsType<RolloutEnding.Done>(await commands.AbortAsync(second, SimulatedFleet.Ana, Cancel)).Rollout.Verdict.Why, StringComparison.Ordinal);
        Assert.Equal("rolled-back", (await fleet.RunAsync(second)).Rollout.State);
        Assert.All(await fleet.RunsAsync(), r => Assert.Equal("1.0.0", r.Value));
    }

    [Fact]
    public async Task Of_two_that_change_a_rollout_at_once_one_is_told()
    {
        var (plane, fleet) = await FleetAsync(3);
        var id = (await fleet.StartAsync("2.0.0")).Rollout.Id;
        await using var first = await plane.DbAsync();
        await using var second = await plane.DbAsync();
        foreach (var db in (Microsoft.EntityFrameworkCore.DbContext[])[first, second])
            (await db.Set<Rollout>().SingleAsync(r => r.Id == id, Cancel)).Wave = 1;
        await first.SaveChangesAsync(Cancel);
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => second.SaveChangesAsync(Cancel));
    }

    [Fact]
    public async Task A_device_that_left_the_fleet_stops_nothing()
    {
        var (plane, fleet) = await FleetAsync(8);
        var rollout = await fleet.StartAsync("2.0.0");
        var gone = rollout.Devices.First(d => d.Wave == 3).Device;
        await using (var db = await plane.DbAsync())
        {
            (await db.Set<ControlPlane.Devices.Device>().SingleAsync(d => d.Id == DeviceId.Parse(gone), Cancel)).Revoked = 1;
            await db.SaveChangesAsync(Cancel);
        }

        fleet.Answer = (device, _) => device == gone ? Outcome.Refuses : null;
        await fleet.SetOnlineAsync(gone, false);
        var done = await fleet.RunAsync(rollout.Rollout.Id);
        Assert.Equal(("done", 7), (done.Rollout.State, done.Rollout.Committed));
    }

    private async Task<(TestPlane Plane, SimulatedFleet Fleet)> FleetAsync(int boards)
    {
        var plane = await OpenAsync(SimulatedFleet.AddRollouts);
        var fleet = new SimulatedFleet(plane);
        await fleet.PrepareAsync(boards, "1.0.0", "2.0.0", "3.0.0");
        return (plane, fleet);
    }

    // As the intake does: within the transaction that stores the event.
    private static async Task TellAsync(TestPlane plane, string device, Disagreement seen)
    {
        await using var db = await plane.DbAsync();
        await new ShadowExampleConsumer().ApplyAsync(
            db, DeviceId.Parse(device), new DeviceEvent { Type = EventType.Disagreement, At = 1, Slot = SimulatedFleet.Leaf, Disagreement = seen }, Cancel);
        await db.SaveChangesAsync(Cancel);
    }

    private static string ReasonOf(RolloutEnding ending) => Assert.IsType<RolloutEnding.Refused>(ending).Reason;
}

public sealed class RolloutRunnerOnSqliteTests() : RolloutRunnerTests(null);

public sealed class RolloutRunnerOnPostgresTests(PostgresFixture postgres) : RolloutRunnerTests(postgres);
