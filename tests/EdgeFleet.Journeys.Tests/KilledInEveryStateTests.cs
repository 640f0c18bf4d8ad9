using System.Runtime.InteropServices;
using System.Text.Json;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>kill -9 of the real agent while its file says that a state's step is about to run or runs; then it starts again and converges.</summary>
public sealed partial class KilledInEveryStateTests
{
    private const int SigKill = 9;
    private const int Kills = 5;
    private const int TriesMax = 6;

    // What a killed start leaves on disk is often the next state already: then it is tried again with a new version.
    private static readonly string[] States = ["Downloading", "Verifying", "Rehearsing", "Activating", "Probation"];

    [Fact]
    public async Task The_agent_converges_on_a_verified_model()
    {
        await using var fleet = await JourneyFleet.StartAsync();
        var board = fleet.Boards[0];
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours("1.0.0")));
        var version = 1;
        foreach (var state in Enumerable.Range(0, Kills).Select(i => States[i % States.Length]))
        {
            var hit = false;
            for (var attempt = 1; attempt <= TriesMax && !hit; attempt++)
            {
                var package = TestPackage.Build(TestPackageSpec.Colours($"{++version}.0.0", TinyModel.OfColours() with { Gain = 20 + version / 8f }));
                await fleet.PublishAsync(package);
                var stateFile = Path.Combine(board.StateFolder, "updates", $"{JourneyFleet.Slot}.json");
                var pid = board.ProcessId;
                var killed = Task.Run(() => KillWhen(stateFile, state, pid), TestContext.Current.CancellationToken);
                var rollout = await fleet.RollOutAsync(package);
                await killed;
                await board.KillAsync();
                hit = StateOn(stateFile) == state;
                board.Start();

                Assert.Equal("done", (await fleet.OverAsync(rollout)).Rollout.State);
                await fleet.SlotAsync(board, s => s.Active == package.Ref.Label && s.UpdateState == "Committed", $"to have committed {package.Ref.Label} after a kill in {state}");
            }

            Assert.True(hit, $"{TriesMax} kills meant for {state} all came too late; the disk never said {state}.");
        }

        await fleet.NothingIsLostAsync(board);
    }

    // A thread of its own that only looks: some states last a millisecond.
    private static void KillWhen(string stateFile, string state, int pid)
    {
        while (StateOn(stateFile) != state)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        _ = Kill(pid, SigKill);
    }

    private static string? StateOn(string stateFile)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(stateFile));
            return json.RootElement.GetProperty("state").GetProperty("is").GetString();
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
