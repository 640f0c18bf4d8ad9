using System.Text.Json.Nodes;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>What goes wrong on a board in the field does not end its agent for good: a disk that is full or read-only, and starts that are cut short again and again.</summary>
public sealed class HostStaysAliveTests
{
    private const int DiskMb = 48;
    private const int CutStarts = 8;
    // The room that downloads leave free is more than the whole disk has by default.
    private static readonly JsonObject Updates = new() { ["ProbationSeconds"] = 3, ["BackoffSecondsFirst"] = 0.5, ["SpaceReserveMb"] = 1 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_stops_no_answer_and_is_over_when_there_is_room_again()
    {
        Assert.SkipUnless(SmallDisk.IsPossible, SmallDisk.Absent);
        using var folder = new TempFolder();
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        await using var disk = await SmallDisk.OverAsync(fleet.StateFolderOf("board-1"), DiskMb, folder["disk.log"], Cancel);
        var board = await fleet.AddBoardAsync("board-1", Updates, program: disk.Inside(BuiltPrograms.Agent), stateReached: disk.Path);
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours()));
        var process = board.ProcessId;

        var ballast = disk.Fill();
        var before = await AnsweredAsync(board);
        // A hundred answers later it has tried to write rows and alerts many times.
        await AnsweredAsync(board, before + 100);
        Assert.Equal(process, board.ProcessId);
        Assert.True(board.IsRunning);

        File.Delete(ballast);
        var heard = (await fleet.DeviceAsync(board)).Streams.Sum(s => s.Acknowledged);
        await Eventually.GetAsync(
            async () => await fleet.DeviceAsync(board) is { Device.State: "ready" } device && device.Streams.Sum(s => s.Acknowledged) > heard ? device : null, "new records of the board", JourneyFleet.Patience, Cancel);
        Assert.True(board.IsRunning);
        await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0", Samples.Failed: 0 }, "to serve without a failure");
        Assert.All((await fleet.DeviceAsync(board)).Device.Slots, s => Assert.Equal(0, s.Samples.Unanswered));
    }

    [Fact]
    public async Task A_board_whose_disk_comes_up_read_only_serves_reports_and_says_so_until_it_is_mended()
    {
        Assert.SkipUnless(SmallDisk.IsPossible, SmallDisk.Absent);
        using var folder = new TempFolder();
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        await using var disk = await SmallDisk.OverAsync(fleet.StateFolderOf("board-1"), DiskMb, folder["disk.log"], Cancel);
        var board = await fleet.AddBoardAsync("board-1", Updates, program: disk.Inside(BuiltPrograms.Agent), stateReached: disk.Path);
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours()));
        await board.StopAsync();

        await disk.RemountAsync(readOnly: true, Cancel);
        board.Start();
        var warned = await Eventually.GetAsync(
            async () => await fleet.DeviceAsync(board) is { Device.State: "ready" } device && device.Warnings.Any(w => w.Code == "update-state-not-saved") ? device : null, "the board to say what is wrong", JourneyFleet.Patience, Cancel);
        Assert.Contains(warned.Warnings, w => w.Text.Contains("Read-only file system", StringComparison.Ordinal));
        var answered = (await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0", Samples.Answered: > 0 }, "to serve")).Samples.Answered;
        await fleet.SlotAsync(board, s => s.Samples.Answered > answered, "to go on answering");
        await board.StopAsync();
        Assert.DoesNotContain("BackgroundService", File.ReadAllText(board.LogFile), StringComparison.Ordinal);

        await disk.RemountAsync(readOnly: false, Cancel);
        board.Start();
        await Eventually.GetAsync(
            async () => await fleet.DeviceAsync(board) is { Device.State: "ready" } device && !device.Warnings.Any(w => w.Code == "update-state-not-saved") ? device : null, "the board to be sound", JourneyFleet.Patience, Cancel);
        await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0", Samples.Failed: 0 }, "to serve still");
        await fleet.NothingIsLostAsync(board);
    }

    [Fact]
    public async Task Starts_that_are_killed_at_once_again_and_again_cost_neither_the_model_nor_a_record()
    {
        await using var fleet = await JourneyFleet.StartAsync();
        var board = fleet.Boards[0];
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours()));
        await board.KillAsync();

        for (var start = 1; start <= CutStarts; start++)
        {
            var logged = new FileInfo(board.LogFile).Length;
            board.Start();
            await Eventually.IsAsync(() => new FileInfo(board.LogFile).Length > logged, "the first line of a start", JourneyFleet.Patience, Cancel);
            await board.KillAsync();
        }

        board.Start();
        await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0", UpdateState: "Committed" }, "to serve what was committed");
        await AnsweredAsync(board, 20);
        await fleet.NothingIsLostAsync(board);
    }

    private static Task<long> AnsweredAsync(AgentProcess board) => AnsweredAsync(board, 1);

    private static async Task<long> AnsweredAsync(AgentProcess board, long least) => long.Parse(await Eventually.GetAsync(
        async () => await board.CommandAsync(Cancel, "status", "--json") is { Code: 0 or 1 } told && JsonNode.Parse(told.Output)?["slots"]?[0]?["samples"]?["answered"]?.GetValue<long>() is { } answered && answered >= least
            ? $"{answered}" : null,
        $"{least} answers", JourneyFleet.Patience, Cancel), System.Globalization.CultureInfo.InvariantCulture);
}
