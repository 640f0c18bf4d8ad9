using System.Diagnostics;
using System.Globalization;
using EdgeFleet.Agent.Hosting;
using EdgeFleet.Agent.Inference.Runtime;
using EdgeFleet.Agent.Updates.Rehearsal;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;
using EdgeFleet.Shared.Processes;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Runtimes;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Agent.Tests.Updates;

/// <summary>Real rehearsals in real processes of the built agent.</summary>
public sealed class RehearsalTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ContentStore _store;

    public RehearsalTests() => _store = new ContentStore(_folder["packages"]);

    [Fact]
    public async Task A_good_model_passes()
    {
        var report = await RehearseAsync(TestPackageSpec.Colours());
        Assert.True(report.Passed, report.Summary);
        Assert.Equal((12, 12), (report.Agreed, report.Items));
        Assert.True(report.P95LatencyMs > 0);
    }

    [Fact]
    public async Task A_collapsed_model_is_refused_by_its_answers()
    {
        var report = await RehearseAsync(TestPackageSpec.Colours(served: TinyModel.OfColours() with { Bias = [1000, 0, 0] }));
        Assert.Equal((false, FailureKind.Deterministic, 4), (report.Passed, report.Failure, report.Agreed));
        Assert.Contains("'red' for every item", report.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spots", "22 boxes", "finds nothing in any item")]
    [InlineData("hum", "16 of 16", "side of the threshold for 8 of 16")]
    public async Task A_good_model_of_another_task_passes_and_a_broken_one_is_refused(string name, string good, string bad)
    {
        var passed = await RehearseAsync(name == "spots" ? SamplePackages.Spots() : SamplePackages.Hum());
        Assert.True(passed.Passed, passed.Summary);
        Assert.Contains(good, passed.Summary, StringComparison.Ordinal);
        Assert.Equal(passed.Items, passed.Agreed);

        var refused = await RehearseAsync(name == "spots" ? SamplePackages.Spots("2.0.0", "broken") : SamplePackages.Hum("2.0.0", "broken"));
        Assert.Equal((false, FailureKind.Deterministic), (refused.Passed, refused.Failure));
        Assert.Contains(bad, refused.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_answers_with_no_numbers_is_refused()
    {
        var report = await RehearseAsync(TestPackageSpec.Colours(served: TinyModel.OfColours() with { NotANumber = true }));
        Assert.Contains("not a number", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_slow_model_is_refused_by_its_budget()
    {
        var slow = TestPackageSpec.Colours(served: TinyModel.OfColours() with { Rounds = 20_000 }) with { Budgets = new Budgets { P95LatencyMs = 0.5, MemoryMb = 256 } };
        var report = await RehearseAsync(slow);
        Assert.Equal((false, FailureKind.Deterministic), (report.Passed, report.Failure));
        Assert.Contains("its budget is 0.5 ms", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_hangs_is_killed_at_the_deadline()
    {
        var report = await RehearseAsync(TestPackageSpec.Colours(served: TinyModel.OfColours() with { Rounds = 100_000_000_000 }), seconds: 6);
        Assert.Equal((false, FailureKind.Deterministic), (report.Passed, report.Failure));
        Assert.Contains("hung", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_allocation_bomb_costs_nothing_but_the_candidate()
    {
        var bomb = TestPackageSpec.Colours(served: TinyModel.OfColours() with { AllocateMb = 3000 }) with { Budgets = new Budgets { P95LatencyMs = 60_000, MemoryMb = 64 } };
        var report = await RehearseAsync(bomb);
        Assert.Equal((false, FailureKind.Deterministic), (report.Passed, report.Failure));
    }

    [Fact]
    public async Task A_file_that_is_no_model_is_refused()
    {
        var spec = TestPackageSpec.Colours();
        var report = await RehearseAsync(spec with { Variants = new Dictionary<string, byte[]> { ["cpu-fp32"] = [1, 2, 3, 4, 5, 6, 7, 8, 9] } });
        Assert.Equal((false, FailureKind.Deterministic), (report.Passed, report.Failure));
        Assert.Contains("ONNX Runtime refuses", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_the_board_s_fault()
    {
        var report = await RehearseAsync(TestPackageSpec.Colours(), new AgentProgram(_folder["nothing"], []));
        Assert.Equal((false, FailureKind.Local), (report.Passed, report.Failure));
    }

    [Fact]
    public async Task A_program_that_says_nonsense_is_no_verdict()
    {
        var report = await RehearseAsync(TestPackageSpec.Colours(), new AgentProgram("/bin/echo", []));
        Assert.Contains("no verdict", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_rehearsal_leaves_no_process()
    {
        using var cancel = new CancellationTokenSource();
        using (var made = Process.Start("mkfifo", [_folder["pid"]]))
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        var hang = RehearseAsync(TestPackageSpec.Colours(), new AgentProgram("/bin/sh", ["-c", $"echo $$ > {_folder["pid"]}; exec sleep 1000"]), cancel: cancel.Token);
        // Reading the pipe ends when the process has written its id and closed it.
        var pid = await Task.Run(() => File.ReadAllText(_folder["pid"]).Trim(), TestContext.Current.CancellationToken);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hang);
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task The_candidate_runs_at_low_priority_first_in_line_for_the_oom_killer_and_under_a_memory_limit()
    {
        using var cancel = new CancellationTokenSource();
        var spec = TestPackageSpec.Colours(served: TinyModel.OfColours() with { Rounds = 100_000_000_000 });
        var hang = RehearseAsync(spec, cancel: cancel.Token);
        var child = await ChildOfAsync(TestPackage.Build(spec).Ref.Digest.Value);
        // The limit on memory is the last that it takes from itself.
        await UntilAsync(() => !Line(child, "limits", "Max data size").Contains("unlimited", StringComparison.Ordinal));
        Assert.Equal("1000", File.ReadAllText($"/proc/{child}/oom_score_adj").Trim());
        Assert.Equal("10", File.ReadAllText($"/proc/{child}/stat").Split(") ")[^1].Split(' ')[16]);
        Assert.StartsWith("0 ", Line(child, "limits", "Max core file size"), StringComparison.Ordinal);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hang);
    }

    [Fact]
    public async Task The_candidate_dies_with_its_parent()
    {
        var package = TestPackage.Build(TestPackageSpec.Colours(served: TinyModel.OfColours() with { Rounds = 100_000_000_000 }));
        package.AddTo(_store);
        var command = $"dotnet {BuiltAgent.Before[0]} rehearse --packages {_store.Root} --manifest {package.Ref.Digest} --variant cpu-fp32 --memory-mb 64 --parent $$ & wait";
        using var parent = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", command]))!;
        try
        {
            var child = await ChildOfAsync(package.Ref.Digest.Value);
            await UntilAsync(() => !Line(child, "limits", "Max data size").Contains("unlimited", StringComparison.Ordinal));
            parent.Kill();
            await UntilAsync(() => !Directory.Exists($"/proc/{child}") || Line(child, "status", "State:").StartsWith('Z'));
        }
        finally
        {
            parent.Kill(entireProcessTree: true);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("--packages /tmp --manifest abc --variant x --memory-mb 5")]
    [InlineData("--packages /tmp --variant x --memory-mb")]
    public async Task Wrong_arguments_are_told_apart_from_a_refusal(string arguments) =>
        Assert.Equal(2, await RehearseCommand.RunAsync(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public async Task A_manifest_that_prepares_photos_otherwise_is_refused()
    {
        var good = PhotoPackage(scale: 1 / 255f);
        Assert.True((await RehearseAsync(good)).Passed);
        var report = await RehearseAsync(PhotoPackage(scale: 1 / 127.5f));
        Assert.Contains("otherwise than the package says", report.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(134, false, "", FailureKind.Deterministic)]
    [InlineData(139, false, "", FailureKind.Deterministic)]
    [InlineData(137, false, "", FailureKind.Local)]
    [InlineData(137, true, "", FailureKind.Deterministic)]
    [InlineData(3, false, "", FailureKind.Local)]
    [InlineData(0, false, "{\"passed\":false,\"summary\":\"it lies\"}", FailureKind.Deterministic)]
    public void Ends_without_a_verdict_are_charged_to_whom_they_belong(int exitCode, bool timedOut, string output, FailureKind kind)
    {
        var report = RehearsalPolicy.Judge(new ChildEnd(exitCode, timedOut, output, ""), 10, 64);
        Assert.Equal((false, kind), (report.Passed, report.Failure));
    }

    [Theory]
    [InlineData("float", true)]
    [InlineData("int8_qdq", true)]
    [InlineData("int8_collapsed", false)]
    public async Task The_real_coffee_models_pass_but_the_collapsed_one(string served, bool passes)
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        var report = await RehearseAsync(TestPackageSpec.Coffee("1.0.0", served));
        Assert.True(report.Passed == passes, report.Summary);
    }

    public void Dispose() => _folder.Dispose();

    // Three plain pictures with the tensors that a scale of 1/255 makes of them, under a manifest that may say another scale.
    private static TestPackageSpec PhotoPackage(float scale)
    {
        var spec = TestPackageSpec.Colours();
        const int Pixels = 64;
        return spec with
        {
            Input = spec.Input with { Scale = [scale, scale, scale] },
            GoldenSources = [TestImages.Png(255, 0, 0), TestImages.Png(0, 255, 0), TestImages.Png(0, 0, 255)],
            GoldenInputs = [.. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 3 * Pixels).Select(i => i / Pixels == c ? 1f : 0f).ToArray())],
        };
    }

    private static async Task<int> ChildOfAsync(string digest)
    {
        var found = 0;
        await UntilAsync(() => (found = Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(n => char.IsAsciiDigit(n![0])).Select(n => int.Parse(n!, CultureInfo.InvariantCulture))
            .FirstOrDefault(pid => CommandLine(pid) is [_, _, "rehearse", .. var rest] && rest.Contains(digest))) != 0);
        return found;
    }

    private static string[] CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string Line(int pid, string file, string name) =>
        File.ReadLines($"/proc/{pid}/{file}").First(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim();

    // What the kernel says of another process raises no event.
    private static Task UntilAsync(Func<bool> holds) =>
        Eventually.IsAsync(() => Holds(holds), "the rehearsing process to be as it should", TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    // A process may go while its files are read.
    private static bool Holds(Func<bool> holds)
    {
        try
        {
            return holds();
        }
        catch (IOException)
        {
            return false;
        }
    }

    [Fact]
    public async Task A_candidate_and_the_model_that_serves_are_compared_in_turns()
    {
        var (active, candidate) = (TestPackage.Build(TestPackageSpec.Colours("1.0.0")), TestPackage.Build(TestPackageSpec.Colours("2.0.0", TinyModel.OfColours() with { Bias = [1000, 0, 0] })));

        var evidence = (await CompareAsync(candidate, active))!;

        Assert.Equal((EvidenceStage.Rehearsal, "colours@1.0.0", 12), (evidence.Stage, evidence.Against, evidence.Samples));
        Assert.Equal(4.0 / 12, evidence.Agreement!.Share, 6);
        Assert.Equal([12, 0, 0], evidence.Candidate.Outputs);
        Assert.Equal([4, 4, 4], evidence.Other.Outputs);
        Assert.Equal((60, 60), (evidence.Candidate.RunUs.Count, evidence.Other.RunUs.Count));
        Assert.Null(evidence.Candidate.MeanEnergyUj);
        Assert.StartsWith("agrees with colours@1.0.0 on 33.3 % of 12 samples", evidence.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_candidate_is_rehearsed_by_the_boards_own_library_and_options()
    {
        using var folder = new TempFolder();
        var (right, old) = (FakeRuntime.Build(folder["right.so"]), FakeRuntime.Build(folder["old.so"], "TOO_OLD"));
        var spec = TestPackageSpec.Colours() with { Variants = new Dictionary<string, byte[]> { ["tensorrt-fp32"] = TinyModel.OfColours().Build() } };

        Assert.Contains("ONNX Runtime refuses", (await RehearseAsync(spec)).Summary, StringComparison.Ordinal);
        var byOld = await RehearseAsync(spec, runtime: new RuntimeUse { Library = old });
        Assert.Equal(FailureKind.Local, byOld.Failure);
        Assert.Contains("1.16.3", byOld.Summary, StringComparison.Ordinal);
        var options = new Dictionary<string, string> { ["session.disable_prepacking"] = "1" };
        var byRight = await RehearseAsync(spec, runtime: new RuntimeUse { Library = right, SessionOptions = options });
        Assert.True(byRight.Passed, byRight.Summary);
    }

    [Fact]
    public async Task What_cannot_be_compared_gives_no_evidence_and_no_fault()
    {
        var colours = TestPackage.Build(TestPackageSpec.Colours());
        Assert.Null(await CompareAsync(TestPackage.Build(TestPackageSpec.Series()), colours));
        Assert.Null(await CompareAsync(TestPackage.Build(TestPackageSpec.Colours("2.0.0", TinyModel.OfColours() with { Rounds = 100_000_000_000 })), colours, seconds: 4));
    }

    private async Task<CandidateEvidence?> CompareAsync(TestPackage candidate, TestPackage active, int seconds = 60)
    {
        candidate.AddTo(_store);
        active.AddTo(_store);
        var order = new RehearsalOrder(_store.Root, candidate.Ref, candidate.Manifest.Variants[0], 512, SlackMb: 64, seconds, Threads: 1);
        return await new RehearsalChild(BuiltAgent).CompareAsync(order, active.Ref, active.Manifest.Variants[0].Name, TestContext.Current.CancellationToken);
    }

    private async Task<RehearsalReport> RehearseAsync(TestPackageSpec spec, AgentProgram? program = null, int seconds = 120, CancellationToken? cancel = null, RuntimeUse? runtime = null)
    {
        var package = TestPackage.Build(spec);
        package.AddTo(_store);
        var order = new RehearsalOrder(_store.Root, package.Ref, package.Manifest.Variants[0], package.Manifest.Budgets.MemoryMb, SlackMb: 64, seconds, Threads: 1);
        return await new RehearsalChild(program ?? BuiltAgent) { Runtime = runtime ?? new RuntimeUse() }.RunAsync(order, cancel ?? TestContext.Current.CancellationToken);
    }

    internal static AgentProgram BuiltAgent { get; } = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "edgefleet-agent.dll")]);
}
