using System.Text.Json.Nodes;
using EdgeFleet.Testing;
using EdgeFleet.Testing.Packages;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Journeys.Tests;

/// <summary>
/// The real agent with a wrong clock, by faketime. Certificates are judged at the latest of its clock, the last time that a control plane told it, and the day of the
/// commit that it was built from.
/// </summary>
public sealed class WrongClockTests
{
    private static readonly TimeSpan To1970 = DateTimeOffset.UnixEpoch.AddDays(3) - TimeProvider.System.GetUtcNow();
    private static readonly TimeSpan Years = TimeSpan.FromDays(5 * 365);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_board_that_starts_in_1970_enrols_connects_and_works()
    {
        Assert.SkipUnless(MovedClock.IsThere, MovedClock.Absent);
        using var folder = new TempFolder();
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        var clock = new MovedClock(folder["clock"]);
        clock.Set(To1970);

        var board = await fleet.AddBoardAsync("board-1", environment: clock.Environment);
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours()));

        Assert.True(File.Exists(Path.Combine(board.StateFolder, "last-time")), "The board did not note the time that it was told.");
        var (_, status, _) = await board.CommandAsync(Cancel, "status");
        Assert.Contains("serves colours@1.0.0", status, StringComparison.Ordinal);
        await fleet.NothingIsLostAsync(board);

        // The next start, in 1970 again, without a network, then with one.
        await board.StopAsync();
        board.Start();
        await fleet.SlotAsync(board, s => s is { Active: "colours@1.0.0" }, "to serve after the second start in 1970");
        await fleet.NothingIsLostAsync(board);
    }

    [Fact]
    public async Task A_clock_years_ahead_trusts_nobody_says_so_and_is_forgiven_once_it_is_right()
    {
        Assert.SkipUnless(MovedClock.IsThere, MovedClock.Absent);
        using var folder = new TempFolder();
        await using var fleet = await JourneyFleet.StartAsync(boards: 0);
        var clock = new MovedClock(folder["clock"]);
        var board = await fleet.AddBoardAsync("board-1", environment: clock.Environment);
        await fleet.RunsEverywhereAsync(TestPackage.Build(TestPackageSpec.Colours()));

        await board.StopAsync();
        clock.Set(Years);
        board.Start();
        var status = await StatusAsync(board, s => s.Contains("board's clock", StringComparison.Ordinal) && s.Contains("serves colours@1.0.0", StringComparison.Ordinal), "to blame its clock and serve");
        Assert.Contains("not connected", status, StringComparison.Ordinal);

        // No restart: the clock is set while the agent runs, as a time server does.
        clock.Set(TimeSpan.Zero);
        await StatusAsync(
            board, s => s.Contains("connected to localhost", StringComparison.Ordinal) && !s.Contains("board's clock", StringComparison.Ordinal), "to connect with a right clock");
    }

    [Fact]
    public async Task A_board_in_1970_does_not_believe_a_control_plane_whose_certificate_ended_before_the_board_was_built()
    {
        Assert.SkipUnless(MovedClock.IsThere, MovedClock.Absent);
        using var folder = new TempFolder();
        var past = new MovedClock(folder["past"]);
        // Its certificate lives 397 days, so that it ended before the day of any commit since the first release.
        past.Set(new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.Zero) - TimeProvider.System.GetUtcNow());
        await using var controlPlane = new ControlPlaneProcess(folder["controlplane"]) { Environment = past.Environment };
        await controlPlane.StartAsync(Cancel);
        await controlPlane.AddUserAsync("ana", "admin", Cancel);
        var home = new Dictionary<string, string>(past.Environment) { ["XDG_CONFIG_HOME"] = folder["home"] };
        await CliAsync(home, ControlPlaneProcess.Password + "\n", "login", controlPlane.Url.AbsoluteUri, "--user", "ana", "--password-stdin", "--ca", controlPlane.CaFile);
        var ticket = await CliAsync(home, null, "token", "create", "--site", "alanib", "-o", "name");

        var boardsClock = new MovedClock(folder["clock"]);
        boardsClock.Set(To1970);
        await using var board = new AgentProcess(folder["board"], new JsonObject()) { Environment = boardsClock.Environment };
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => board.EnrolAsync(ticket, "board-1", Cancel));

        Assert.Contains("clock", refused.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(board.StateFolder, "identity", "device.json")));
    }

    private static async Task<string> CliAsync(IReadOnlyDictionary<string, string> environment, string? input, params string[] words)
    {
        var (code, output, all) = await LocalProcess.RunAsync([.. BuiltPrograms.Cli, .. words], TimeSpan.FromSeconds(60), Cancel, environment, input);
        Assert.True(code == 0, $"edgefleet {string.Join(' ', words)} ended with {code}: {all}");
        return output.Trim();
    }

    private static Task<string> StatusAsync(AgentProcess board, Func<string, bool> holds, string what) => Eventually.GetAsync(
        async () => (await board.CommandAsync(Cancel, "status")).Output is var told && holds(told) ? told : null, $"the board {what}", JourneyFleet.Patience, Cancel);
}
