using EdgeFleet.Cli.Output;
using EdgeFleet.Shared.Api;
using Spectre.Console;

namespace EdgeFleet.Cli.Rollouts;

/// <summary>A rollout in words: the same four sentences as on its page, then waves and devices that need a look.</summary>
internal static class RolloutText
{
    /// <summary>States in which nothing more happens by itself.</summary>
    public static bool IsOver(RolloutSummary rollout) => rollout.State is "done" or "halted" or "rolled-back" or "aborted" or "superseded";

    public static string Headline(RolloutSummary r) => $"Rollout {r.Id}: {r.Model} {r.Version} to {r.Devices} device(s) is {r.State}. {r.Why}";

    public static void Print(RolloutDetail r)
    {
        Console.Out.WriteLine(Headline(r.Rollout));
        foreach (var sentence in new[] { r.Verdict.Next, r.Verdict.When, r.Verdict.CanDo }.Where(s => s.Length > 0))
            Console.Out.WriteLine("  " + sentence);
        Console.Out.WriteLine();
        AnsiConsole.Write(Printer.TableOf(r.Waves, new("WAVE", w => $"{w.Number}"), new("SIZE", w => $"{w.Size}"), new("STATE", w => w.State), new("COMMITTED", w => $"{w.Committed}"),
            new("PROBATION", w => $"{w.Probation}"), new("UNDER WAY", w => $"{w.UnderWay}"), new("REJECTED", w => $"{w.Rejected}"), new("ROLLED BACK", w => $"{w.RolledBack}"),
            new("SILENT", w => $"{w.Silent}"), new("OFFLINE", w => $"{w.Offline}")));
        IReadOnlyList<RolloutDeviceSummary> troubled = [.. r.Devices.Where(d => d.Reason is { Length: > 0 })];
        if (troubled.Count == 0)
            return;

        Console.Out.WriteLine();
        AnsiConsole.Write(Printer.TableOf(troubled, new("DEVICE", d => d.Device), new("WAVE", d => $"{d.Wave}"), new("STATE", d => d.State), new("WHY", d => d.Reason)));
    }
}
