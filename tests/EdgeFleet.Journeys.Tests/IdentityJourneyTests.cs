using System.Text.Json.Nodes;
using EdgeFleet.Shared.Api;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>Identity over real processes: rotation, approval, two of one, wipe, restart.</summary>
public sealed class IdentityJourneyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_board_at_work_lives_through_three_rotations_and_loses_nothing()
    {
        // Certificates of 26 seconds: each is renewed when nine are left.
        await using var fleet = await JourneyFleet.StartAsync(settings: new JsonObject { ["Enrolment"] = new JsonObject { ["CertificateDays"] = 0.0003 } });
        var board = fleet.Boards[0];
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours()));

        await Eventually.GetAsync(async () => (await fleet.DeviceAsync(board)).History.Count(h => h.What == "certificate") >= 3 ? "" : null, "three certificates after the first", TimeSpan.FromMinutes(4), Cancel);

        await Eventually.GetAsync(async () => (await fleet.DeviceAsync(board)).Device is { State: "ready" } ready ? ready : null, "the board to be ready", JourneyFleet.Patience, Cancel);
        await fleet.NothingIsLostAsync(board);
        Assert.Null((await fleet.DeviceAsync(board)).Device.Standing);
        Assert.Single(Directory.EnumerateFiles(Path.Combine(board.StateFolder, "identity"), "key-*.pem"));
    }

    [Fact]
    public async Task A_board_without_a_token_shows_its_key_waits_and_comes_in_when_a_person_approves()
    {
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        var board = fleet.EmptyBoard("board-1");
        var ticket = (await fleet.CliAsync(fleet.Api, "token", "open", "-o", "name")).Trim();
        var (_, key, _) = await LocalProcess.RunAsync([.. BuiltPrograms.Agent, "key", "--config", board.ConfigFile], TimeSpan.FromSeconds(60), Cancel);
        await using var enrol = LocalProcess.Start([.. BuiltPrograms.Agent, "enrol", ticket, "--config", board.ConfigFile, "--name", "pump-7"], board.LogFile);

        var ask = await Eventually.GetAsync(
            async () => (await fleet.Api.EnrolmentAsksAsync(Cancel)).SingleOrDefault(a => a.State == "waiting"), "the board to ask", JourneyFleet.Patience, Cancel);
        Assert.Equal((key.Trim(), "pump-7"), (ask.Key, ask.Wish));
        await Eventually.IsAsync(() => enrol.Output.Contains(EnrolmentWays.Grouped(ask.Key), StringComparison.Ordinal), "the board to show its key", JourneyFleet.Patience, Cancel);
        Assert.False(enrol.HasExited);

        await fleet.CliAsync(fleet.Api, "enrol", "approve", $"{ask.Id}", "--site", "alanib", "--tag", "lab");

        Assert.Equal(0, await enrol.WaitAsync(Cancel).WaitAsync(JourneyFleet.Patience, Cancel));
        board.Start();
        await Eventually.GetAsync(async () => (await fleet.Api.DeviceAsync("pump-7", Cancel)).Device is { State: "ready", Site: "alanib" } ready ? ready : null, "pump-7 to be ready", JourneyFleet.Patience, Cancel);
    }

    [Fact]
    public async Task Two_boards_with_one_disk_are_both_told_and_no_longer_throw_each_other_out()
    {
        await using var fleet = await JourneyFleet.StartAsync();
        var board = fleet.Boards[0];
        await board.StopAsync();
        var copy = fleet.CopyBoard(board, "copy");
        board.Start();
        copy.Start();

        var marked = await Eventually.GetAsync(
            async () => (await fleet.DeviceAsync(board)).Device is { Standing: "quarantine" } device ? device : null, "the clone to be noticed", JourneyFleet.Patience, Cancel);
        Assert.Contains("Two boards speak as one", marked.StandingReason, StringComparison.Ordinal);
        Assert.Contains("edgefleet device release", marked.StandingReason, StringComparison.Ordinal);
        await Eventually.IsAsync(
            () => new[] { board, copy }.Any(b => ReadLog(b).Contains("Another board is connected as", StringComparison.Ordinal)), "one of them to be told", JourneyFleet.Patience, Cancel);

        // The way out: the copy becomes a board of its own.
        await copy.StopAsync();
        await copy.EnrolAsync((await fleet.Api.CreateTokenAsync(new EnrolmentTokenRequest(), Cancel)).Ticket, "copy-1", Cancel, force: true);
        copy.Start();
        await fleet.CliAsync(fleet.Api, "device", "release", board.DeviceId, "--reason", "the copy has an identity of its own");
        await Eventually.GetAsync(async () => (await fleet.Api.DeviceAsync("copy-1", Cancel)).Device is { State: "ready" } ready ? ready : null, "the copy to be ready", JourneyFleet.Patience, Cancel);
        await Eventually.GetAsync(async () => (await fleet.DeviceAsync(board)).Device is { State: "ready", Standing: null } ready ? ready : null, "the board to be ready", JourneyFleet.Patience, Cancel);
    }

    [Fact]
    public async Task A_wipe_needs_two_people_and_leaves_nothing_and_its_certificate_counts_no_more()
    {
        await using var fleet = await JourneyFleet.StartAsync();
        var board = fleet.Boards[0];
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours()));
        await fleet.ControlPlane.AddUserAsync("ben", "operator", Cancel);
        using var ben = await fleet.ControlPlane.ClientAsync("ben", Cancel);
        var (assigned, certificate) = BoardDisk.Identity(board.StateFolder);
        Assert.True(Directory.EnumerateFiles(Path.Combine(board.StateFolder, "packages"), "*", SearchOption.AllDirectories).Any());

        var command = (await fleet.CliAsync(fleet.Api, "device", "wipe", board.DeviceId, "--reason", "sold", "-o", "name")).Trim();
        var own = await Assert.ThrowsAsync<FleetApiException>(() => fleet.Api.ActOnCommandAsync(command, "approve", Cancel));
        Assert.Contains("somebody else", own.Message, StringComparison.Ordinal);
        Assert.True(board.IsRunning);
        await fleet.CliAsync(ben, "device", "approve", command);

        Assert.Equal(75, await board.WaitAsync(Cancel).WaitAsync(JourneyFleet.Patience, Cancel));
        Assert.Equal(["commands.json"], Directory.EnumerateFileSystemEntries(board.StateFolder).Select(Path.GetFileName));
        var ended = await EndedAsync(fleet, board);
        Assert.Equal(("done", "ana", "ben"), (ended.State, ended.AskedBy, ended.ApprovedBy));
        using (certificate)
            Assert.Equal("403", await BoardDisk.SelfAsync(assigned, certificate));
        Assert.Equal("revoked", (await fleet.DeviceAsync(board)).Device.Standing);
    }

    [Fact]
    public async Task A_restart_by_command_is_done_once_and_answered()
    {
        await using var fleet = await JourneyFleet.StartAsync();
        var board = fleet.Boards[0];
        await fleet.CliAsync(fleet.Api, "device", "restart", board.DeviceId);
        Assert.Equal(75, await board.WaitAsync(Cancel).WaitAsync(JourneyFleet.Patience, Cancel));
        board.Start();
        await Eventually.GetAsync(async () => (await fleet.DeviceAsync(board)).Device is { State: "ready" } ready ? ready : null, "the board to be ready again", JourneyFleet.Patience, Cancel);
        Assert.Equal("done", (await EndedAsync(fleet, board)).State);
        Assert.True(board.IsRunning);
    }

    // The broker has the answer before the database has.
    private static Task<CommandSummary> EndedAsync(JourneyFleet fleet, AgentProcess board) => Eventually.GetAsync(
        async () => Assert.Single(await fleet.Api.CommandsAsync(board.DeviceId, Cancel)) is { Ended: not null } ended ? ended : null, "the answer to the command", JourneyFleet.Patience, Cancel);

    private static string ReadLog(AgentProcess board)
    {
        using var reader = new StreamReader(new FileStream(board.LogFile, FileMode.OpenOrCreate, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
