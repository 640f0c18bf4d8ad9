using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>An agent that hangs or dies is started again by systemd.</summary>
internal static class WatchdogChapter
{
    public static async Task TellAsync(AgentOnBoard agent, CancellationToken cancel)
    {
        var board = agent.Board;
        Told.Step($"{board.Architecture}: the agent is killed, then made to hang");
        var pid = await board.UnitAsync("MainPID");
        await board.RunAsync("systemctl", "kill", "-s", "KILL", Names.Unit);
        await AnotherAsync(agent, pid, cancel);
        Told.Saw($"process {pid} killed, {await board.UnitAsync("MainPID")} runs, restarts {await board.UnitAsync("NRestarts")}");

        var seconds = board.IsEmulated ? 40 : 10;
        await board.DropInAsync("watchdog", $"WatchdogSec={seconds}");
        await board.RunAsync("systemctl", "restart", Names.Unit);
        await agent.ConnectedAsync();
        pid = await board.UnitAsync("MainPID");
        await board.RunAsync("sh", "-c", $"kill -STOP {pid}");
        await AnotherAsync(agent, pid, cancel);
        var told = (await board.RunAsync("journalctl", "-u", Names.Unit, "--no-pager", "-o", "cat")).Split('\n').LastOrDefault(l => l.Contains("Watchdog timeout", StringComparison.Ordinal));
        Told.Holds(told is not null, $"process {pid} stopped: {told}; {await board.UnitAsync("MainPID")} runs", "systemd did not say that its watchdog bit.");
        File.Delete(board[$"etc/systemd/system/{Names.Unit}.service.d/watchdog.conf"]);
        await board.RunAsync("systemctl", "daemon-reload");
    }

    private static async Task AnotherAsync(AgentOnBoard agent, string pid, CancellationToken cancel)
    {
        await Eventually.GetAsync(async () => await agent.Board.UnitAsync("MainPID") is var now && now != pid && now != "0" ? now : null, $"another process than {pid}", agent.Board.Patience, cancel);
        await agent.ActiveAsync();
    }
}
