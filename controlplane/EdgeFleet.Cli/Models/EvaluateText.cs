using System.Globalization;
using EdgeFleet.Cli.Output;
using EdgeFleet.ModelPrep.Evaluating;
using Spectre.Console;

namespace EdgeFleet.Cli.Models;

/// <summary>What <c>model evaluate</c> tells people.</summary>
internal static class EvaluateText
{
    private const int SegmentsShown = 12;

    public static void Print(EvaluationReport report, string? page)
    {
        Line($"{report.Samples} {report.Noun} of {report.Data}, split {report.Split}.");
        Summary(report);
        if (report.IsLabelled)
        {
            Labels(report);
            foreach (var model in report.Models.Where(m => m.Confusion.Count > 0))
                Confusion(model, report.Labels);
            Segments(report);
        }

        Line($"Shares with their 95 % interval (Wilson).{(report.Models.Any(m => m.Calibration is not null) ? $" ECE: {CalibrationError.DefaultBins} bins of equal width; in brackets what chance alone makes of so few." : "")} {report.EnergyNote}");
        foreach (var note in report.Notes)
            Line($"Note: {note}");
        if (report.Unreadable.Count > 0)
            Line($"{report.Unreadable.Count} file(s) could not be read and were left out: {string.Join(" ", report.Unreadable)}");
        if (page is not null)
            Line($"Page: {page}");
    }

    private static void Summary(EvaluationReport report)
    {
        Console.Out.WriteLine();
        Column<ModelEvaluation>[] columns =
        [
            new("MODEL", m => m.Name), new("RIGHT", m => Share(m.Right)), new("MAP", m => m.MeanAveragePrecision is { } map ? Number(map, "0.000") : ""),
            new("ECE", m => m.Calibration is { } c ? $"{Number(c.Ece, "0.000")} ({Number(c.OfChance, "0.000")})" : ""),
            new("AGREES WITH FLOAT", m => m.Beside is { } b ? $"{Number(100 * b.Agreement, "0.0")} %" : m.Name == report.Reference ? "(reference)" : ""),
            new("LOST, GAINED", m => m.Beside is { Lost: { } lost, Gained: { } gained } ? $"{lost}, {gained}" : ""),
            new("SIZE", m => $"{Number(m.Size / 1024.0, "0")} kB"),
            new("ONE RUN", m => m.Latency is { } l ? $"{Number(l.MedianMs, "0.00")} ms ({Number(l.LowMs, "0.00")} to {Number(l.HighMs, "0.00")}), p95 {Number(l.P95Ms, "0.00")}" : ""),
            new("SPEED", m => m.Latency is { } l && m != report.Models[0] ? $"{Number(l.Ratio, "0.00")}x ({Number(l.RatioLow, "0.00")} to {Number(l.RatioHigh, "0.00")})" : ""),
            new("ENERGY", m => m.Energy is { } e ? $"{Number(e.MedianMj, "0.0")} mJ ({Number(e.LowMj, "0.0")} to {Number(e.HighMj, "0.0")})" : ""),
        ];
        AnsiConsole.Write(Printer.TableOf(report.Models, [.. columns.Where(c => report.Models.Any(m => !string.IsNullOrEmpty(c.Text(m))))]));
        Console.Out.WriteLine();
    }

    private static void Labels(EvaluationReport report)
    {
        var columns = report.Models.SelectMany((m, i) => new Column<int>[]
        {
            new($"RECALL {i + 1}", row => m.PerLabel[row].Recall is { Of: > 0 } r ? $"{r.Hits} of {r.Of} ({Number(100 * r.Share, "0")} %)" : "none"),
            new("PRECISION", row => m.PerLabel[row].Precision is { } p ? $"{Number(100 * p, "0")} %" : "never said"),
        });
        Line(string.Join("   ", report.Models.Select((m, i) => $"{i + 1}: {m.Name}")));
        AnsiConsole.Write(Printer.TableOf([.. Enumerable.Range(0, report.Labels.Count)], [new("LABEL", row => report.Labels[row]), .. columns]));
        Console.Out.WriteLine();
    }

    private static void Confusion(ModelEvaluation model, IReadOnlyList<string> labels)
    {
        var columns = labels.Select((label, answer) => new Column<int>(label, row => model.Confusion[row][answer] is > 0 and var count ? count.ToString(CultureInfo.InvariantCulture) : "."));
        Line($"{model.Name}: true label by row, answer by column.");
        AnsiConsole.Write(Printer.TableOf([.. Enumerable.Range(0, labels.Count)], [new("", row => labels[row]), .. columns]));
        Console.Out.WriteLine();
    }

    private static void Segments(EvaluationReport report)
    {
        foreach (var model in report.Models)
        {
            Line($"{model.Name}: who is served worse, by {string.Join(", ", report.Dimensions)}.");
            if (model.Gaps.Count == 0)
                Line(model.Segments.Any(s => s.Difference is not null)
                    ? $"  Nobody, as far as {report.Samples} {report.Noun} can tell ({model.Segments.Count(s => s.Difference is not null)} comparisons)."
                    : "  Too few to tell: each segment, and the others together, needs 20.");
            foreach (var gap in model.Gaps)
                Line($"  {gap}");
        }

        Console.Out.WriteLine();
        foreach (var dimension in report.Dimensions.Where(d => d != "label"))
        {
            var rows = report.Models[0].Segments.Where(s => s.Dimension == dimension).Take(SegmentsShown).Select(s => s.Segment).ToList();
            AnsiConsole.Write(Printer.TableOf(rows, [new(dimension.ToUpperInvariant(), row => row), .. report.Models.Select((m, i) => new Column<string>($"RIGHT {i + 1}", row => Share(m.Segments.FirstOrDefault(s => s.Dimension == dimension && s.Segment == row)?.Right)))]));
            Console.Out.WriteLine();
        }
    }

    private static string Share(ShareEstimate? share) => share is null ? "(not labelled)"
        : $"{Number(100 * share.Share, "0.0")} % ({Number(100 * share.Low, "0")} to {Number(100 * share.High, "0")}; {share.Hits} of {share.Of})";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Line(string text) => Console.Out.WriteLine(text);
}
