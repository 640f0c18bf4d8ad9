using System.Globalization;
using EdgeFleet.Testing.Processes;

namespace EdgeFleet.Benchmarks.Install;

/// <summary>Three years pass: certificates of the default year are renewed at a third left, and once after their end.</summary>
internal static class LifetimesChapter
{
    private const double Lifetimes = 3;
    private const string ClockFile = "/etc/fleet-clock";
    private static readonly TimeSpan Life = TimeSpan.FromDays(365);
    // Past two thirds of a certificate's life, before its end.
    private static readonly TimeSpan Stride = TimeSpan.FromDays(250);
    // Longer than a certificate lives.
    private static readonly TimeSpan LongOutage = TimeSpan.FromDays(400);

    public static async Task TellAsync(Fleet fleet, AgentOnBoard agent, CancellationToken cancel)
    {
        var board = agent.Board;
        Told.Step($"{board.Architecture}: {Lifetimes} lifetimes of a certificate, by faketime");
        Told.Saw("moved: the wall clock of the agent, which judges when its certificate is due, and that of the control plane and its people, which date and check the new one;");
        Told.Saw("not moved: what measures time that passes, and the machine. The control plane starts again after each move (it looks hourly whether its own certificate is due); the agent runs on.");
        fleet.Clock.Also(board[ClockFile]);
        await board.DropInAsync("clock", [.. MovedClock.EnvironmentFor(board.Architecture, ClockFile).Select(s => $"Environment={s.Key}={s.Value}")]);
        await board.RunAsync("systemctl", "restart", Names.Unit);
        await agent.ConnectedAsync();
        var (begin, pid) = (fleet.Clock.Ahead, await board.UnitAsync("MainPID"));
        while (fleet.Clock.Ahead - begin < Lifetimes * Life)
        {
            await fleet.MoveAsync(Stride);
            await RenewedAsync(fleet, agent, cancel);
        }

        var now = await board.UnitAsync("MainPID");
        Told.Holds(now == pid, $"{(fleet.Clock.Ahead - begin) / Life:0.0} lifetimes passed in one process of the agent ({pid})", $"The agent was restarted: {pid}, then {now}.");

        Told.Step($"{board.Architecture}: off for {LongOutage.Days} days, longer than a certificate lives");
        await board.RunAsync("systemctl", "stop", Names.Unit);
        await fleet.MoveAsync(LongOutage);
        using (var over = agent.Certificate())
            Told.Holds(over.NotAfter < fleet.Clock.Now.LocalDateTime, $"its certificate ended {Day(over.NotAfter)}, it is {Day(fleet.Clock.Now.UtcDateTime)}", "Its certificate is still good.");
        await board.RunAsync("systemctl", "start", Names.Unit);
        await RenewedAsync(fleet, agent, cancel);
        var keys = Directory.GetFiles(board[$"{Names.State}/identity"]).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal).ToList();
        Told.Holds(keys.Count(k => k.StartsWith("key-", StringComparison.Ordinal)) == 1 && !keys.Any(k => k.StartsWith("next.", StringComparison.Ordinal)), $"identity/ holds {string.Join(", ", keys)}", $"Left behind: {string.Join(", ", keys)}");
    }

    private static async Task RenewedAsync(Fleet fleet, AgentOnBoard agent, CancellationToken cancel)
    {
        try
        {
            await Eventually.IsAsync(() => IsFresh(fleet, agent), "a new certificate", agent.Board.Patience, cancel);
        }
        catch (TimeoutException e)
        {
            throw new ShortException($"{e.Message} It is {fleet.Clock.Now:u} there.\n{await agent.Board.JournalAsync()}");
        }

        await agent.ConnectedAsync();
        await Eventually.GetAsync(async () => (await fleet.DeviceAsync(agent.Device))["device"]!["state"]!.GetValue<string>() == "ready" ? "" : null, "the control plane to hear it", agent.Board.Patience, cancel);
        using var certificate = agent.Certificate();
        Told.Saw($"{Day(fleet.Clock.Now.UtcDateTime)}: certificate {certificate.SerialNumber[..8]} from {Day(certificate.NotBefore)} to {Day(certificate.NotAfter)}, connected, ready");
    }

    // Issued at the fleet's present day; a day's leeway backwards is in every certificate.
    private static bool IsFresh(Fleet fleet, AgentOnBoard agent)
    {
        using var certificate = agent.Certificate();
        return fleet.Clock.Now.LocalDateTime - certificate.NotBefore < TimeSpan.FromDays(2);
    }

    private static string Day(DateTime time) => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
