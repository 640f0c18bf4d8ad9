using EdgeFleet.Agent.Health;
using EdgeFleet.Agent.Updates;
using EdgeFleet.Agent.Updates.Evidence;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;

namespace EdgeFleet.Agent.Tests.Updates;

public sealed class UpdateStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly HealthBoard _health = new(TimeProvider.System);

    public static TheoryData<string> EveryState() => new(
        ["Idle", "Downloading", "Verifying", "Rehearsing", "Shadowing", "Activating", "Probation", "Committed", "Rejected", "RollingBack", "RolledBack", "Inconsistent"]);

    [Theory, MemberData(nameof(EveryState))]
    public void A_record_comes_back_as_it_was_written(string state)
    {
        var (a, b) = (Some.Wish("a", 3, 7), Some.Wish("b"));
        UpdateState written = state switch
        {
            "Idle" => new Idle(),
            "Downloading" => new Downloading(a, 4),
            "Verifying" => new Verifying(a),
            "Rehearsing" => new Rehearsing(a),
            "Shadowing" => new Shadowing(a),
            "Activating" => new Activating(a, 2, "skipped"),
            "Probation" => new Probation(a, 1, new ProbationWatch { BaselineP95Us = 9, Seconds = 2.5, Answered = 3, Faults = 1, Slow = [] }, "skipped"),
            "Committed" => new Committed(a, null),
            "Rejected" => new Rejected(a, "bad", FailureKind.Deterministic),
            "RollingBack" => new RollingBack(a, "slow", b),
            "RolledBack" => new RolledBack(a, "slow"),
            _ => new Inconsistent(a, "worse", null),
        };
        Open().Save(new SlotRecord { Slot = Some.Slot, State = written, Since = 5, Starts = 2, Serving = new Serving(a.Package, b.Package) });
        var read = Open().Load(Some.Slot);
        Assert.Equal(written.Name, read.State.Name);
        if (written is Probation p)
            Assert.Equal(p with { Watch = p.Watch with { Slow = [] } }, ((Probation)read.State) with { Watch = ((Probation)read.State).Watch with { Slow = p.Watch.Slow } });
        else
            Assert.Equal(written, read.State);
        Assert.Equal((5, 2, new Serving(a.Package, b.Package)), (read.Since, read.Starts, read.Serving));
    }

    [Fact]
    public void What_the_model_before_did_comes_back_with_slot_and_probation_and_old_stores_without_it_are_read()
    {
        var before = ModelBaseline.Of("a@1.0.0", [new SlotMinute(Some.Row("a@1.0.0") with { Confidence = 900, EnergyNetUj = 5 }) { Mix = [1, 2], Labels = "x", Inputs = new InputSummary(3, [1.5], [0.5]), AnonKb = 7 }])!;
        var watch = new ProbationWatch { BaselineP95Us = 9, Before = before, Counts = new CandidateCounts { Windows = 2, Mix = [3, 4] }, Memory = new MemoryWatch { Process = 5, AnonKb = [8, 9] } };
        Open().Save(new SlotRecord { Slot = Some.Slot, State = new Probation(Some.Wish("b"), 0, watch, null), Serving = new Serving(Some.Package("a"), null), Baseline = before });

        var read = Open().Load(Some.Slot);

        Assert.Equal(Json(before), Json(read.Baseline!));
        var kept = Assert.IsType<Probation>(read.State).Watch;
        Assert.Equal((Json(before), 2, 5), (Json(kept.Before!), kept.Counts!.Windows, kept.Memory!.Process));
        Assert.Equal([3, 4], kept.Counts.Mix!);
        Assert.Equal([8, 9], kept.Memory.AnonKb);

        var digest = Some.Package("b").Digest.Value;
        File.WriteAllText(_folder["updates", "leaf.json"], $$$"""
            {"v":1,"slot":"leaf","state":{"is":"Probation","crashes":1,"watch":{"baselineP95Us":9,"seconds":2,"answered":3,"faults":0,"slow":[""]},"target":{"package":{"name":"b","version":"1.0.0","digest":"{{{digest}}}","size":100},"attempt":1,"rollout":4}},
             "since":5,"starts":0,"serving":{},"quarantine":[]}
            """);
        var old = Open().Load(Some.Slot);
        var watched = Assert.IsType<Probation>(old.State);
        Assert.Equal((9, 3, 4), (watched.Watch.BaselineP95Us, watched.Watch.Answered, watched.Target.Rollout));
        Assert.Null(watched.Watch.Before);
        Assert.Null(old.Baseline);
        var goesOn = Assert.IsType<ProbationVerdict.GoesOn>(ProbationPolicy.Judge(
            watched.Watch, new ProbationMinute(Some.Row("b@1.0.0"), 0) { Seen = new SlotMinute(Some.Row("b@1.0.0")) }, new ProbationLimits(900, 20, 0.05, 500_000) { MemoryMb = 100 }));
        Assert.Equal(63, goesOn.Watch.Answered);
    }

    private static string Json(ModelBaseline baseline) => System.Text.Json.JsonSerializer.Serialize(baseline);

    [Theory]
    [InlineData("")]
    [InlineData("{\"v\":1,\"slot\":\"le")]
    [InlineData("{\"v\":2,\"slot\":\"leaf\",\"state\":{\"is\":\"Idle\"}}")]
    [InlineData("{\"v\":1,\"slot\":\"leaf\",\"state\":{\"is\":\"Levitating\"}}")]
    [InlineData("{\"v\":1,\"slot\":\"leaf\",\"state\":{\"is\":\"Verifying\"}}")]
    [InlineData("{\"v\":1,\"slot\":\"leaf\",\"state\":null}")]
    [InlineData("{\"v\":1,\"slot\":\"leaf\",\"serving\":null}")]
    [InlineData("{\"v\":1,\"slot\":\"pump\",\"state\":{\"is\":\"Idle\"}}")]
    [InlineData("null")]
    public void A_file_that_cannot_be_used_is_put_aside_and_the_last_good_model_is_known(string content)
    {
        var good = Some.Package("good");
        Open().Save(new SlotRecord { Slot = Some.Slot, State = new Committed(Some.Wish("good"), null), Serving = new Serving(good, null) });
        File.WriteAllText(_folder["updates", "leaf.json"], content);

        var record = Open().Load(Some.Slot);
        Assert.IsType<Idle>(record.State);
        Assert.Equal(good, record.Serving.Active);
        Assert.Equal(content, File.ReadAllText(Assert.Single(Directory.GetFiles(_folder["updates"], "leaf.json.bad-*"))));
        Assert.Equal("update-state-unreadable", Assert.Single(_health.Warnings).Code);
    }

    [Fact]
    public void A_lost_double_is_written_again_and_never_hides_the_record()
    {
        var record = new SlotRecord { Slot = Some.Slot, Serving = new Serving(Some.Package("good"), null) };
        Open().Save(record);
        File.WriteAllText(_folder["updates", "leaf.active.json"], "torn");
        Assert.Equal(record.Serving, Open().Load(Some.Slot).Serving);
        Open().Save(record);
        Assert.Contains("good", File.ReadAllText(_folder["updates", "leaf.active.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void The_end_of_the_process_before_is_told_apart()
    {
        Assert.Equal(LastEnd.None, Open().LastEndOf("boot-1"));
        Open().SaveProcess("boot-1", stopped: false);
        Assert.Equal(LastEnd.Crash, Open().LastEndOf("boot-1"));
        Assert.Equal(LastEnd.PowerCut, Open().LastEndOf("boot-2"));
        Open().SaveProcess("boot-1", stopped: true);
        Assert.Equal(LastEnd.Clean, Open().LastEndOf("boot-1"));
        Assert.Equal(LastEnd.Clean, Open().LastEndOf("boot-2"));
    }

    public void Dispose() => _folder.Dispose();

    private UpdateStore Open() => new(_folder.Path, _health, TimeProvider.System);
}
