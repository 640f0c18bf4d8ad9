namespace EdgeFleet.Benchmarks.Install;

/// <summary>The board joins the fleet and runs its first model.</summary>
internal static class EnrolChapter
{
    public static async Task TellAsync(Fleet fleet, AgentOnBoard agent)
    {
        var board = agent.Board;
        Told.Step($"{board.Architecture}: enrol, start");
        var ticket = await fleet.AsAsync(Fleet.Admin, "token", "create", "--site", "alanib", "--tag", board.Architecture, "-o", "name");
        Told.Saw(await board.RunAsync("setpriv", "--reuid", Names.User, "--regid", Names.User, "--init-groups", "edgefleet-agent", "enrol", ticket, "--name", $"board-{board.Architecture}"));
        await board.RunAsync("systemctl", "start", Names.Unit);
        await agent.ActiveAsync();
        var pid = await board.UnitAsync("MainPID");
        var owner = await board.RunAsync("stat", "-c", "%U", $"/proc/{pid}");
        Told.Holds(owner == Names.User, $"systemd says active (Type={await board.UnitAsync("Type")}): process {pid}, user {owner}, watchdog {await board.UnitAsync("WatchdogUSec")}", $"The service runs as {owner}.");
        var status = await agent.ConnectedAsync();
        Told.Saw($"connected to {status["link"]!["broker"]} as {status["device"]}");
        Told.Saw($"the control plane knows {agent.Device}: {(await fleet.DeviceAsync(agent.Device))["device"]!["state"]}, {(await fleet.DeviceAsync(agent.Device))["arch"]}, agent {(await fleet.DeviceAsync(agent.Device))["agent"]}");

        Told.Step($"{board.Architecture}: a first model");
        var package = Models.Of("1.0.0", board);
        await fleet.PublishAsync(package);
        await fleet.DoneAsync(await fleet.RollOutAsync(package, $"tag={board.Architecture}"));
        status = await agent.ServesAsync(package.Ref.Label);
        Told.Saw($"{package.Ref.Label} is committed, {AgentOnBoard.Slot(status)["samples"]!["answered"]} samples answered, {AgentOnBoard.Slot(status)["samples"]!["failed"]} failed");
    }
}
