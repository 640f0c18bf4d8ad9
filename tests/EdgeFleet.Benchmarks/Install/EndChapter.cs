using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>The board leaves: wiped by two people, and the package purged.</summary>
internal static class EndChapter
{
    public static async Task TellAsync(Fleet fleet, AgentOnBoard agent, CancellationToken cancel)
    {
        var board = agent.Board;
        Told.Step($"{board.Architecture}: wipe by signed command");
        var device = agent.Device;
        var held = Files(board).Count;
        var command = await fleet.AsAsync(Fleet.Admin, "device", "wipe", device, "--reason", "sold", "-o", "name");
        var refused = await fleet.RefusedAsync(Fleet.Admin, "device", "approve", command);
        Told.Holds(refused.Contains("somebody else", StringComparison.Ordinal), $"{Fleet.Admin} asks; {Fleet.Admin} approves: {refused}", $"Approval by the same person: {refused}");
        await fleet.AsAsync(Fleet.Operator, "device", "approve", command);
        await Eventually.IsAsync(() => !Directory.Exists(board[$"{Names.State}/identity"]) && !File.Exists(board[$"{Names.State}/wipe"]), "the wipe", board.Patience, cancel);
        await agent.StatusAsync(s => s["device"] is null, "an agent without a fleet");
        await board.RunAsync("systemctl", "stop", Names.Unit);
        var left = Files(board);
        Told.Holds(!left.Any(f => f.StartsWith("identity/key", StringComparison.Ordinal) || f.StartsWith("packages/", StringComparison.Ordinal) || f.StartsWith("updates/leaf", StringComparison.Ordinal)),
            $"{Fleet.Operator} approves: {held} files were there; after it the agent started anew, without a fleet, and holds {string.Join(", ", left)}", $"Left after the wipe: {string.Join(", ", left)}");
        var shown = (await fleet.DeviceAsync(device))["device"]!;
        Told.Holds(shown["standing"]?.GetValue<string>() == "revoked", $"the control plane: {device} is {shown["standing"]} ({shown["standingReason"]})", $"The control plane says {shown["standing"]}.");
        await board.RunAsync("systemctl", "start", Names.Unit);

        Told.Step($"{board.Architecture}: apt-get purge");
        await board.RunAsync("apt-get", "purge", "-y", Names.Package);
        var found = await board.RunAsync("sh", "-c", "find /etc /var /usr /lib /run /opt /srv /root -xdev -name '*edgefleet*' ! -path '/root/*.deb' ! -path '/var/cache/apt/*' ! -path '/var/log/*'; grep -l edgefleet /etc/passwd /etc/group /etc/shadow || true; pgrep -l edgefleet || true; systemctl list-units --all --no-legend 'edgefleet*' || true");
        Told.Holds(found.Length == 0, "no file, user, process or unit is left", $"Left after the purge:\n{found}");
    }

    private static List<string> Files(Board board) => [.. Directory.EnumerateFiles(board[Names.State], "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(board[Names.State], f)).Order(StringComparer.Ordinal)];
}
