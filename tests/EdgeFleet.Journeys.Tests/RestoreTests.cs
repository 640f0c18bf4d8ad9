using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>The server is lost, and a backup that knows less than the boards is all there is.</summary>
public sealed class RestoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restored_control_plane_goes_on_with_boards_that_are_ahead_of_it()
    {
        using var elsewhere = new TempFolder();
        var backup = elsewhere["fleet.tar"];
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        using var publisher = new Publisher(fleet.ControlPlane, fleet.Api, Cancel);
        await publisher.BeginAsync();
        var board = await fleet.AddBoardAsync("board-1");
        await publisher.PushAsync(Version("1.0.0"));
        Assert.Equal("done", (await fleet.OverAsync(await fleet.RollOutAsync(Version("1.0.0")))).Rollout.State);
        var (code, said) = await fleet.ControlPlane.CommandAsync(Cancel, "backup", backup);
        Assert.True(code == 0, said);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(backup));

        // After the backup: another version, signed and committed, and rows that are acknowledged and so gone from the board.
        await publisher.PushAsync(Version("2.0.0"));
        var before = await fleet.RollOutAsync(Version("2.0.0"));
        Assert.Equal("done", (await fleet.OverAsync(before)).Rollout.State);

        await fleet.ControlPlane.KillAsync();
        Directory.Delete(fleet.ControlPlane.Folder, recursive: true);
        (code, said) = await fleet.ControlPlane.CommandAsync(Cancel, "restore", backup);
        Assert.True(code == 0, said);
        await fleet.ControlPlane.StartAsync(Cancel);

        // The person's token was made before the backup and still counts; the board kept what it runs and says so.
        await fleet.SlotAsync(board, s => s is { Active: "colours@2.0.0", UpdateState: "Committed" }, "to serve 2.0.0 still");
        await Eventually.GetAsync(
            async () => (await fleet.DeviceAsync(board)).History.FirstOrDefault(h => h.Text.Contains("backup", StringComparison.Ordinal)), "the history to say that the board is ahead", JourneyFleet.Patience, Cancel);
        var acknowledged = await MinutesAsync(fleet, board, above: 0);
        await MinutesAsync(fleet, board, above: acknowledged + 3);

        // The list that named 2.0.0 is lost. The publisher signs a later one than the boards have met.
        await publisher.PushAsync(Version("3.0.0"), "--list-version", "9");
        var after = await fleet.RollOutAsync(Version("3.0.0"));
        Assert.True(after > before + 900, $"Rollout {after} may be taken for one from before the restore.");
        Assert.Equal("done", (await fleet.OverAsync(after)).Rollout.State);
        await fleet.SlotAsync(board, s => s is { Active: "colours@3.0.0", UpdateState: "Committed" }, "to have committed 3.0.0");
    }

    private static TestPackage Version(string version) => TestPackage.Build(TestPackageSpec.Colours(version));

    private static async Task<long> MinutesAsync(JourneyFleet fleet, AgentProcess board, long above) => (await Eventually.GetAsync(
        async () => (await fleet.DeviceAsync(board)).Streams.SingleOrDefault(s => s.Stream == RecordStream.Minute && s.Acknowledged > above),
        $"minute rows after {above}", JourneyFleet.Patience, Cancel)).Acknowledged;
}
