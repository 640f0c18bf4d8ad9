using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeFleet.Shared.Files;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Models;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>The agent and ONNX Runtime as they ship for arm64, on an emulated processor.</summary>
public sealed class Arm64Tests(ITestOutputHelper output)
{
    // What rounding of float sums in another order may change; a wrong kernel changes whole answers.
    private const double Tolerance = 1e-5;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_real_int8_model_answers_on_arm64_as_on_x64()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);
        // The golden answers are those that the very same file gives in this process, on x64.
        var spec = TestPackageSpec.Coffee("1.0.0", "int8_qdq") with { LeastAgreement = 1, ProbabilityTolerance = Tolerance };
        var own = TestPackage.Build(spec with { Float = spec.Variants["cpu-int8"] });

        var report = await RehearseAsync(own);

        output.WriteLine($"{report.Summary} {report.P95LatencyMs:0.0} ms under emulation");
        Assert.True(report.Passed, report.Summary);
        Assert.Equal((20, 20), (report.Items, report.Agreed));
    }

    [Fact]
    public async Task The_comparison_tells_another_model_from_the_same_one()
    {
        Assert.SkipWhen(RealData.Folder is null, RealData.Absent);

        var report = await RehearseAsync(TestPackage.Build(TestPackageSpec.Coffee("1.0.0", "int8_qdq") with { ProbabilityTolerance = Tolerance }));

        Assert.False(report.Passed);
        Assert.Contains("mean change of probability", report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_with_an_arm64_agent_takes_a_version_in_and_turns_the_next_one_down()
    {
        Assert.SkipWhen(Arm64Agent.Command is null, Arm64Agent.Absent);
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        var updates = new JsonObject
        {
            ["ProbationSeconds"] = 3, ["ProbationSamplesMin"] = 5, ["BackoffSecondsFirst"] = 0.5,
            ["RehearseWith"] = new JsonArray([.. Arm64Agent.Emulator!.Select(a => JsonValue.Create(a))]),
        };
        // The emulator's own memory counts as the rehearsal's, so budgets say nothing here.
        var board = await fleet.AddBoardAsync("board-arm", updates, program: Arm64Agent.Command);
        var budgets = TestPackageSpec.Colours().Budgets with { P95LatencyMs = 60_000, MemoryMb = 4096 };
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("1.0.0") with { Budgets = budgets }));

        var slot = await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0", UpdateState: "Committed" }, "to have committed 1.0.0");
        Assert.Equal(0, slot.Samples.Failed);
        Assert.Equal("arm64", (await fleet.DeviceAsync(board)).Arch);

        var collapsed = TestPackage.Build(TestPackageSpec.Colours("2.0.0", TinyModel.OfColours() with { Bias = [0, 0, 1000] }) with { Budgets = budgets });
        await fleet.PublishAsync(collapsed, allowUnproven: true);
        var over = await fleet.OverAsync(await fleet.RollOutAsync(collapsed, "tag=lab"));
        Assert.Contains(over.Devices, d => d.State == "rejected" && d.Reason!.Contains("blue", StringComparison.Ordinal));
        await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0" }, "to serve 1.0.0 still");
        await fleet.NothingIsLostAsync(board);
    }

    private static async Task<RehearsalReport> RehearseAsync(TestPackage package)
    {
        Assert.SkipWhen(Arm64Agent.Command is null, Arm64Agent.Absent);
        using var folder = new TempFolder();
        package.AddTo(new ContentStore(folder["packages"]));
        var (_, printed, all) = await LocalProcess.RunAsync(
            [.. Arm64Agent.Command!, "rehearse", "--packages", folder["packages"], "--manifest", package.Ref.Digest.Value, "--variant", "cpu-int8", "--memory-mb", "4096", "--seconds", "100"],
            TimeSpan.FromSeconds(120), Cancel);
        var line = printed.Trim().Split('\n')[^1];
        return line.StartsWith('{') ? JsonSerializer.Deserialize(line, WireJson.Default.RehearsalReport)! : throw new InvalidOperationException(all);
    }
}
