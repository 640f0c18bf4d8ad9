using System.Globalization;
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
        if (troubled.Count > 0)
        {
            Console.Out.WriteLine();
            AnsiConsole.Write(Printer.TableOf(troubled, new("DEVICE", d => d.Device), new("WAVE", d => $"{d.Wave}"), new("STATE", d => d.State), new("WHY", d => d.Reason)));
        }

        PrintShadow(r);
    }

    private static void PrintShadow(RolloutDetail r)
    {
        if (r.Shadow is not { } order)
            return;

        Console.Out.WriteLine();
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"In shadow on {100 * order.Share:0.#} % of the live samples first, {(order.Limits is { Judges: true } limits ? limits.Words() : "without limits")}."));
        IReadOnlyList<RolloutDeviceSummary> seen = [.. r.Devices.Where(d => d.Shadow is { Length: > 0 })];
        if (seen.Count > 0)
            AnsiConsole.Write(Printer.TableOf(seen, new("DEVICE", d => d.Device), new("STATE", d => d.State), new("IN SHADOW", d => d.Shadow)));
        if (r.Disagreements.Count > 0)
            AnsiConsole.Write(Printer.TableOf(r.Disagreements, new("DEVICE", d => d.Device), new("WHEN", d => d.At is { } at ? Printer.Time(at) : ""),
                new("SERVES", d => Answer(d.Answer, d.Confidence)), new("IN SHADOW", d => Answer(d.CandidateAnswer, d.CandidateConfidence)),
                new("PHOTO", d => d.Photo is { } photo ? $"/api/blobs/{photo}" : "")));
    }

    private static string Answer(string answer, double confidence) => string.Create(CultureInfo.InvariantCulture, $"{answer} ({confidence:0.00})");
}
