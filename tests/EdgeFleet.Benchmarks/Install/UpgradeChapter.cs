using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>The package is upgraded while a model is on its way in, and not downgraded by mistake.</summary>
internal static class UpgradeChapter
{
    // 50 kB a second: the golden set of some megabytes takes a minute and a half.
    private const string SlowRate = "400kbit";

    public static async Task TellAsync(Fleet fleet, AgentOnBoard agent, Debs debs, CancellationToken cancel)
    {
        var board = agent.Board;
        Told.Step($"{board.Architecture}: upgrade {debs.Version} -> {debs.Next} while a model downloads over a link of {SlowRate}");
        var second = Models.Of("2.0.0", board);
        await fleet.PublishAsync(second);
        await Commands.RunAsync(["tc", "qdisc", "replace", "dev", "lo", "root", "tbf", "rate", SlowRate, "burst", "64kb", "latency", "2s"], cancel);
        var rollout = await fleet.RollOutAsync(second, $"tag={board.Architecture}");
        await StepAsync(agent, "Downloading", cancel);
        await Eventually.IsAsync(() => Fetched(board) > 0, "the first bytes", board.Patience, cancel);
        var before = Fetched(board);
        await UpgradeAsync(agent, debs.Version, debs.Next, debs);
        var (after, step) = (Fetched(board), agent.Step());
        Told.Holds(step == "Downloading" && after >= before, $"the step on disk is still {step}, {before / 1024} kB were there before and {after / 1024} kB after", $"After the upgrade the step was {step}, {before} bytes before and {after} after.");
        await Commands.RunAsync(["tc", "qdisc", "del", "dev", "lo", "root"], cancel);
        await fleet.DoneAsync(rollout);
        await agent.ServesAsync(second.Ref.Label);
        Told.Saw($"the link is fast again: {second.Ref.Label} is committed");

        Told.Step($"{board.Architecture}: downgrade to {debs.Version}");
        await RefusedAsync(agent, debs);
        await UpgradeAsync(agent, debs.Next, debs.Version, debs, "EDGEFLEET_ALLOW_DOWNGRADE=1");
        Told.Saw("with EDGEFLEET_ALLOW_DOWNGRADE=1 it is done");

        Told.Step($"{board.Architecture}: upgrade {debs.Version} -> {debs.Next} while a model is in probation");
        var third = Models.Of("3.0.0", board);
        await fleet.PublishAsync(third);
        rollout = await fleet.RollOutAsync(third, $"tag={board.Architecture}");
        await StepAsync(agent, "Probation", cancel);
        await UpgradeAsync(agent, debs.Version, debs.Next, debs);
        step = agent.Step();
        Told.Holds(step == "Probation", "the step on disk is still Probation", $"After the upgrade the step was {step}.");
        await fleet.DoneAsync(rollout);
        await agent.ServesAsync(third.Ref.Label);
        Told.Saw($"{third.Ref.Label} is committed: the restart was not held against it");
        Told.Saw($"the control plane: agent {(await fleet.DeviceAsync(agent.Device))["agent"]}, records lost {LostIn(await fleet.DeviceAsync(agent.Device))}");
    }

    private static long LostIn(System.Text.Json.Nodes.JsonNode device)
    {
        var lost = device["streams"]!.AsArray().Sum(s => s!["lost"]!.GetValue<long>());
        return lost == 0 ? 0 : throw new ShortException($"{lost} records were lost: {device["streams"]}");
    }

    private static Task StepAsync(AgentOnBoard agent, string step, CancellationToken cancel) =>
        Eventually.IsAsync(() => agent.Step() == step, $"the step {step}", agent.Board.Patience, cancel);

    private static long Fetched(Board board) => new DirectoryInfo(board[$"{Names.State}/packages/incoming"]) is { Exists: true } shelf
        ? shelf.EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length)
        : 0;

    private static async Task UpgradeAsync(AgentOnBoard agent, string from, string to, Debs debs, params string[] settings)
    {
        var board = agent.Board;
        var deb = debs[board.Architecture, to];
        var (pid, identity) = (await board.UnitAsync("MainPID"), agent.Certificate().Thumbprint);
        File.Copy(deb, board[$"root/{Path.GetFileName(deb)}"], overwrite: true);
        await board.RunAsync(["env", .. settings, "dpkg", "-i", $"/root/{Path.GetFileName(deb)}"]);
        await agent.ActiveAsync();
        var status = await agent.StatusAsync(s => s["agent"]!.GetValue<string>() == to, $"an agent {to}");
        var now = await board.UnitAsync("MainPID");
        Told.Holds(now != pid && agent.Certificate().Thumbprint == identity && File.Exists(board[$"{Names.Config}/config.d/50-board.json"]) && await board.UnitAsync("WatchdogUSec") != "0",
            $"{from} as process {pid} -> {status["agent"]} as process {now}, watchdog {await board.UnitAsync("WatchdogUSec")}, identity and configuration as before", $"The service was not restarted, or lost its state: process {pid}, then {now}.");
    }

    private static async Task RefusedAsync(AgentOnBoard agent, Debs debs)
    {
        var board = agent.Board;
        var pid = await board.UnitAsync("MainPID");
        var (code, _, all) = await board.TryAsync("dpkg", "-i", $"/root/{Names.Package}_{debs.Version}_{board.Architecture}.deb");
        var state = await board.RunAsync("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", Names.Package);
        Told.Holds(code != 0 && all.Contains("is older and may not read that state; nothing was changed", StringComparison.Ordinal) && state == $"ii {debs.Next}" && await board.UnitAsync("MainPID") == pid,
            string.Join('\n', all.Split('\n').Where(l => l.StartsWith("edgefleet-agent: ", StringComparison.Ordinal))) + $"\ndpkg: {state}, the same process {pid} runs on",
            $"The downgrade ended with {code}, {state}: {all}");
    }
}
