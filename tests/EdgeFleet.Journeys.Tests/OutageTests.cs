using EdgeFleet.Shared.Api;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

public sealed class OutageTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_the_broker_away_for_a_minute_nothing_is_lost()
    {
        await using var fleet = await JourneyFleet.StartAsync();
        var board = fleet.Boards[0];
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours()));
        var before = await MinutesAsync(fleet, board, more: 0);

        await fleet.ControlPlane.KillAsync();
        var back = TimeProvider.System.GetTimestamp();
        await Eventually.IsAsync(() => TimeProvider.System.GetElapsedTime(back) > TimeSpan.FromSeconds(60), "a minute to pass", JourneyFleet.Patience, Cancel);
        Assert.True(board.IsRunning);
        await fleet.ControlPlane.StartAsync(Cancel);

        // A row a second: what was made in the minute arrives, and without a gap.
        var after = await MinutesAsync(fleet, board, more: 55, before);
        Assert.Equal(after.Acknowledged, after.Stored);
        Assert.Equal(0, after.Stepped);
        await fleet.NothingIsLostAsync(board);
    }

    [Fact]
    public async Task A_wiped_store_is_not_mistaken_for_duplicates()
    {
        await using var fleet = await JourneyFleet.StartAsync();
        var board = fleet.Boards[0];
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours()));
        var before = await MinutesAsync(fleet, board, more: 3);

        await board.StopAsync();
        foreach (var file in Directory.GetFiles(board.StateFolder, "outbox.db*"))
            File.Delete(file);
        board.Start();

        var after = await Eventually.GetAsync(
            async () => (await fleet.DeviceAsync(board)).Streams.SingleOrDefault(s => s.Stream == RecordStream.Minute && s.Epoch != before.Epoch && s.Acknowledged > 3),
            "records of a new epoch", JourneyFleet.Patience, Cancel);
        Assert.Equal(after.Acknowledged, after.Stored);
        var old = (await fleet.DeviceAsync(board)).Streams.Single(s => s.Stream == RecordStream.Minute && s.Epoch == before.Epoch);
        Assert.True(old.Stored >= before.Stored);
        await fleet.NothingIsLostAsync(board);
    }

    private static Task<StreamSummary> MinutesAsync(JourneyFleet fleet, AgentProcess board, long more, StreamSummary? since = null) => Eventually.GetAsync(
        async () => (await fleet.DeviceAsync(board)).Streams.SingleOrDefault(
            s => s.Stream == RecordStream.Minute && (since is null || s.Epoch == since.Epoch) && s.Acknowledged > (since?.Acknowledged ?? 0) + more),
        $"{more} more minute rows", JourneyFleet.Patience, Cancel);
}
