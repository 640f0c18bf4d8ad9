using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing.Packages;

namespace EdgeFleet.Agent.Tests.Updates;

public sealed class UpdateWorkerTests : IAsyncLifetime
{
    private static readonly TestPackage V1 = TestPackage.Build(TestPackageSpec.Colours("1.0.0"));
    private static readonly TestPackage V2 = TestPackage.Build(TestPackageSpec.Colours("2.0.0"));
    private static readonly TestPackage V3 = TestPackage.Build(TestPackageSpec.Colours("3.0.0"));

    private readonly SimulatedBoard _board = new();

    public ValueTask InitializeAsync()
    {
        _board.Server.Serve(V1);
        _board.Server.Serve(V2);
        _board.Server.Serve(V3);
        _board.Install(V1);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _board.DisposeAsync();

    [Fact]
    public async Task A_good_model_goes_the_whole_way_and_every_step_is_reported()
    {
        await _board.StartAsync();
        Assert.Equal(V1.Ref, _board.Host.Active!.Package);
        _board.Worker.Offer(Wish(V2, rollout: 5));
        await CommittedAsync(V2);

        Assert.Equal(V2.Ref, _board.Host.Active!.Package);
        Assert.Equal(["Downloading", "Verifying", "Rehearsing", "Shadowing", "Activating", "Probation", "Committed"], _board.Records.Changes.Select(c => c.To));
        Assert.All(_board.Records.Changes, c => Assert.Equal((V2.Ref, 5), (c.Package, c.Rollout)));
        var slot = _board.Worker.Describe();
        Assert.Equal(("Committed", V2.Ref, V1.Ref, 5, "skipped"), (slot.State, slot.Active, slot.Previous, slot.Rollout, slot.Shadow));
        Assert.Null(slot.Reason);
    }

    [Fact]
    public async Task What_was_seen_of_a_candidate_beside_the_active_goes_with_the_reports()
    {
        _board.Rehearsal = RehearsalTests.BuiltAgent;
        _board.Options = _board.Options with { EvidenceSeconds = 60 };
        await _board.StartAsync();
        _board.Worker.Offer(Wish(V2, rollout: 5));
        await CommittedAsync(V2);

        var evidence = _board.Records.Changes.ToDictionary(c => c.To, c => c.Evidence);
        Assert.Equal(["Shadowing", "Committed"], evidence.Where(e => e.Value is not null).Select(e => e.Key));
        var (rehearsal, probation) = (evidence["Shadowing"]!, evidence["Committed"]!);
        Assert.Equal(("rehearsal", "colours@1.0.0", 12, 1.0), (rehearsal.Stage, rehearsal.Against, rehearsal.Samples, rehearsal.Agreement!.Share));
        Assert.Equal(("probation", "colours@1.0.0"), (probation.Stage, probation.Against));
        Assert.True(probation.Candidate.Answered >= 100 && probation.Other.Answered > 0);
    }

    [Fact]
    public async Task The_first_model_of_a_board_needs_no_model_before_it()
    {
        var empty = new SimulatedBoard();
        await using var _ = empty;
        empty.Server.Serve(V1);
        await empty.StartAsync(LastEnd.None, Wish(V1));
        await empty.UntilAsync<Committed>();
        Assert.Equal(V1.Ref, empty.Host.Active!.Package);
    }

    [Fact]
    public async Task A_model_refused_by_its_rehearsal_never_serves()
    {
        _board.Rehearsal = SimulatedBoard.Prints("""{"passed":false,"summary":"It answers red for every item.","failure":"Deterministic"}""", 1);
        await _board.StartAsync(wish: Wish(V2));
        var rejected = await _board.UntilAsync<Rejected>();
        Assert.Equal(FailureKind.Deterministic, rejected.Failure);
        Assert.Contains("red for every item", rejected.Reason, StringComparison.Ordinal);
        Assert.Equal(["colours@1.0.0"], _board.Host.Served);
    }

    [Fact]
    public async Task A_slow_model_is_rolled_back_and_the_one_before_serves_again()
    {
        _board.P95Us[V2.Ref.Label] = 200_000;
        await _board.StartAsync();
        await FillBaselineAsync();
        _board.Worker.Offer(Wish(V2));
        var back = await _board.UntilAsync<RolledBack>();
        Assert.Contains("Latency", back.Reason, StringComparison.Ordinal);
        Assert.Equal(V1.Ref, _board.Host.Active!.Package);
        var slot = _board.Worker.Describe();
        Assert.Equal((V2.Ref, FailureKind.Statistical, V1.Ref), (slot.Candidate, slot.Failure, slot.Active));
    }

    [Fact]
    public async Task A_restart_just_before_activation_loses_nothing_of_the_model_before()
    {
        _board.P95Us[V2.Ref.Label] = 200_000;
        await _board.StartAsync();
        await FillBaselineAsync();
        _board.Rehearsal = new AgentProgram("/bin/sh", ["-c", "exec sleep 1000"]);
        _board.Worker.Offer(Wish(V2));
        await _board.UntilAsync<Rehearsing>();
        await _board.KillAsync();

        // The new process has seen no minute of the model before when the candidate takes over.
        _board.Rehearsal = SimulatedBoard.Prints("""{"passed":true,"summary":"It agrees."}""", 0);
        _board.SamplesCome = false;
        await _board.StartAsync(LastEnd.PowerCut, Wish(V2));
        await _board.UntilAsync<Probation>();
        _board.SamplesCome = true;

        var back = await _board.UntilAsync<RolledBack>();
        Assert.Contains("the model before took 10.0 ms", back.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_power_cut_in_probation_goes_on_comparing_with_the_model_before()
    {
        _board.Options = _board.Options with { ProbationSeconds = 3600 };
        await _board.StartAsync();
        await FillBaselineAsync();
        _board.Worker.Offer(Wish(V2));
        await _board.UntilAsync(s => s is Probation { Watch.Answered: > 0 });
        await _board.KillAsync();
        var before = Assert.IsType<Probation>(_board.State).Watch;

        _board.Minute = m => m with { Row = m.Row with { EnergyNetUj = 900_000 } };
        await _board.StartAsync(LastEnd.PowerCut, Wish(V2));

        var back = await _board.UntilAsync<RolledBack>();
        Assert.Equal("colours@1.0.0", before.Before!.Model);
        Assert.StartsWith("Energy: ", back.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rolled_back_model_is_tried_again_only_for_a_higher_attempt()
    {
        _board.P95Us[V2.Ref.Label] = 2_000_000;
        await _board.StartAsync(wish: Wish(V2));
        await _board.UntilAsync<RolledBack>();
        _board.P95Us.Clear();

        _board.Worker.Offer(Wish(V2, rollout: 9));
        var refused = await _board.UntilAsync<Rejected>();
        Assert.Equal(9, refused.Target.Rollout);
        Assert.Contains("Latency", refused.Reason, StringComparison.Ordinal);

        _board.Worker.Offer(Wish(V2, attempt: 2, rollout: 9));
        await CommittedAsync(V2);
    }

    [Fact]
    public async Task A_dark_camera_pauses_probation()
    {
        await _board.StartAsync();
        _board.SamplesCome = false;
        _board.Worker.Offer(Wish(V2));
        await _board.UntilAsync<Probation>();
        await _board.MinutesAsync(50);
        Assert.IsType<Probation>(_board.State);
        _board.SamplesCome = true;
        await CommittedAsync(V2);
    }

    [Fact]
    public async Task A_wish_for_the_model_before_acts_at_once_in_probation()
    {
        await _board.StartAsync();
        _board.SamplesCome = false;
        _board.Worker.Offer(Wish(V2));
        await _board.UntilAsync<Probation>();
        _board.Worker.Offer(Wish(V1, rollout: 8));
        await CommittedAsync(V1);
        Assert.Equal(V1.Ref, _board.Host.Active!.Package);
        Assert.Equal(8, _board.Worker.Describe().Rollout);

        // It was not the model's fault, so it may come again at the same attempt.
        _board.SamplesCome = true;
        _board.Worker.Offer(Wish(V2, rollout: 9));
        await CommittedAsync(V2);
    }

    [Fact]
    public async Task A_newer_wish_waits_for_the_end_of_probation()
    {
        await _board.StartAsync();
        _board.SamplesCome = false;
        _board.Worker.Offer(Wish(V2));
        await _board.UntilAsync<Probation>();
        _board.Worker.Offer(Wish(V3));
        _board.SamplesCome = true;
        await CommittedAsync(V3);
        Assert.Equal(["Committed", "Committed"], _board.Records.Changes.Where(c => c.To == "Committed").Select(c => c.To));
        Assert.Equal(["colours@1.0.0", "colours@2.0.0", "colours@3.0.0"], _board.Host.Served);
    }

    [Fact]
    public async Task A_newer_wish_cancels_a_rehearsal()
    {
        _board.Rehearsal = new AgentProgram("/bin/sh", ["-c", "exec sleep 1000"]);
        await _board.StartAsync(wish: Wish(V2));
        await _board.UntilAsync<Rehearsing>();
        _board.Worker.Offer(Wish(V1));
        await CommittedAsync(V1);
        Assert.Equal(["colours@1.0.0"], _board.Host.Served);
    }

    [Fact]
    public async Task A_return_to_the_committed_model_before_needs_no_network()
    {
        await _board.StartAsync(wish: Wish(V2));
        await CommittedAsync(V2);
        await _board.Server.DisposeAsync();
        _board.Worker.Offer(Wish(V1, rollout: 4));
        await CommittedAsync(V1);
        Assert.DoesNotContain(_board.Records.Changes, c => c.To == "Downloading" && c.Package == V1.Ref);
    }

    [Fact]
    public async Task A_download_that_brings_nothing_is_given_up_and_the_next_wish_is_heard()
    {
        _board.Options = _board.Options with { DownloadAttemptsMax = 3 };
        _board.Server.Order(Enumerable.Repeat(new ServerFault(Status: 503), 3));
        await _board.StartAsync(wish: Wish(V2));
        var rejected = await _board.UntilAsync<Rejected>();
        Assert.Equal(FailureKind.Local, rejected.Failure);
        Assert.Contains("Given up after 3 tries", rejected.Reason, StringComparison.Ordinal);
        _board.Worker.Offer(Wish(V3));
        await CommittedAsync(V3);
    }

    [Fact]
    public async Task What_no_slot_needs_is_swept_and_what_it_may_return_to_stays()
    {
        await _board.StartAsync(wish: Wish(V2));
        await CommittedAsync(V2);
        _board.Worker.Offer(Wish(V3));
        await CommittedAsync(V3);
        await _board.UntilAsync(_ => !_board.Store.Has(V1.Ref.Digest));
        Assert.True(_board.Store.Has(V2.Ref.Digest));
        Assert.True(_board.Store.Has(V3.Ref.Digest));
    }

    [Fact]
    public async Task A_lost_model_before_leaves_the_slot_inconsistent_and_a_new_wish_heals_it()
    {
        _board.P95Us[V2.Ref.Label] = 2_000_000;
        await _board.StartAsync();
        _board.SamplesCome = false;
        _board.Worker.Offer(Wish(V2));
        await _board.UntilAsync<Probation>();
        // The agent starts again, so nothing stays ready in memory, and the disk has lost the model before.
        await _board.KillAsync();
        File.Delete(_board.Store.PathOf(V1.Ref.Digest));
        await _board.StartAsync(wish: Wish(V2));
        _board.SamplesCome = true;
        await _board.UntilAsync<Inconsistent>();
        Assert.Equal(V2.Ref, _board.Host.Active!.Package);
        await _board.UntilAsync(_ => _board.Health.Warnings.Any(w => w.Code == "slot-inconsistent"));

        _board.Worker.Offer(Wish(V1, rollout: 3));
        await CommittedAsync(V1);
        Assert.Equal(V1.Ref, _board.Host.Active!.Package);
        await _board.UntilAsync(_ => !_board.Health.Warnings.Any(w => w.Code == "slot-inconsistent"));
    }

    [Fact]
    public async Task A_committed_model_that_the_disk_lost_is_fetched_again()
    {
        File.WriteAllBytes(_board.Store.PathOf(V1.Manifest.Variants[0].File.Digest), [0]);
        await _board.StartAsync(wish: Wish(V1));
        await _board.UntilAsync(s => s is Committed && _board.Host.Active is not null);
        Assert.Equal(V1.Ref, _board.Host.Active!.Package);
    }

    [Fact]
    public async Task A_state_that_cannot_be_saved_is_said_and_saved_once_there_is_room()
    {
        await _board.StartAsync();
        _board.WritesThatFail = 5;
        _board.Worker.Offer(Wish(V2));
        await CommittedAsync(V2);
        Assert.Equal(0, _board.WritesThatFail);
        Assert.Equal(["Downloading", "Verifying", "Rehearsing", "Shadowing", "Activating", "Probation", "Committed"], _board.Records.Changes.Select(c => c.To));
        await _board.UntilAsync(_ => !_board.Health.Warnings.Any(w => w.Code == "update-state-not-saved"));
    }

    private static Wish Wish(TestPackage package, int attempt = 1, long rollout = 1) => new(package.Ref, attempt, rollout);

    private async Task CommittedAsync(TestPackage package) => await _board.UntilAsync(s => s is Committed c && c.Target.Package == package.Ref);

    // Some rows of the first model, so that there is something to compare with.
    private Task FillBaselineAsync() => _board.MinutesAsync(20);
}
