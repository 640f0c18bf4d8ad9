using System.Text.Json.Nodes;
using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>A board learns what is usual, keeps it over a kill -9, tells a change of its pictures and names it, and learns anew when it is told to.</summary>
public sealed class DriftTests
{
    private static readonly JsonObject Quick = new()
    {
        ["WindowSamples"] = 20, ["WindowMinutes"] = 0, ["LearnWindows"] = 12, ["LearnWindowsMin"] = 6, ["DayBegins"] = 0, ["DayEnds"] = 0,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_usual_survives_a_kill_and_a_dark_camera_is_told_and_named()
    {
        await using var fleet = await JourneyFleet.StartAsync(drift: Quick);
        var board = fleet.Boards[0];
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours()));
        var learned = await DriftAsync(fleet, board, s => s.State == DriftState.Steady, "to have learned what is usual");

        await board.KillAsync();
        board.Start();
        var again = await DriftAsync(fleet, board, s => s.State == DriftState.Steady && s.Windows > learned.Windows, "to go on where it was");
        Assert.Equal(learned.Since, again.Since);

        // Three different dark pictures: one alone would be a frozen camera.
        foreach (var (photo, i) in Directory.GetFiles(Path.Combine(Path.GetDirectoryName(board.StateFolder)!, "photos")).Select((p, i) => (p, i)))
            File.WriteAllBytes(photo, TestImages.Png((byte)(58 + (6 * i)), (byte)(6 + (3 * i)), (byte)(5 + (2 * i)), 32, 32));
        var dark = await DriftAsync(fleet, board, s => s.State == DriftState.Drifting, "to tell that it is dark");
        Assert.Contains("dark", dark.Causes);
        // The event comes with the next batch, after the report.
        await Eventually.GetAsync(
            async () => (await fleet.DeviceAsync(board)).History.FirstOrDefault(h => h.What == EventType.Drift && h.Text.Contains("to drifting", StringComparison.Ordinal) && h.Text.Contains("dark", StringComparison.Ordinal)),
            "the dark camera to stand in the history", JourneyFleet.Patience, Cancel);

        await fleet.Api.CommandAsync(board.DeviceId, new CommandRequest("rebaseline", "the lamp is gone for good"), Cancel);
        await DriftAsync(fleet, board, s => s.State == DriftState.Learning && s.Progress < 0.9, "to learn anew");
        await DriftAsync(fleet, board, s => s.State == DriftState.Steady, "to take the dark as usual");
    }

    private static async Task<DriftSegment> DriftAsync(JourneyFleet fleet, AgentProcess board, Func<DriftSegment, bool> holds, string what)
    {
        var slot = await fleet.SlotAsync(board, s => s.Drift?.Segments.SingleOrDefault() is { } segment && holds(segment), what);
        return slot.Drift!.Segments[0];
    }
}
