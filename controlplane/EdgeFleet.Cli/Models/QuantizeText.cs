using System.Globalization;
using EdgeFleet.Cli.Output;
using EdgeFleet.ModelPrep.Quantization;
using Spectre.Console;

namespace EdgeFleet.Cli.Models;

/// <summary>What <c>model quantize</c> tells people.</summary>
internal static class QuantizeText
{
    public static void Print(QuantizeReport report)
    {
        AnsiConsole.Write(Printer.TableOf(report.Tried,
            new("CALIBRATOR", f => f.Calibrator.ToString()), new("ROUNDING", f => f.IsFedBack ? "feedback" : "nearest"), new("BIASES", f => f.Biases switch { BiasScope.None => "as they are", BiasScope.Head => "last", BiasScope.Half => "all, half", _ => "all" }), new("IN FLOAT", f => f.FloatTensors.ToString(CultureInfo.InvariantCulture)),
            new("RIGHT ON VAL", f => Share(f.Score.Accuracy)), new("AGREES", f => Share(f.Score.Agreement)), new("CHANGE", f => Number(f.Score.ProbabilityChange, "0.000")),
            new("DIVERGENCE", f => Number(f.Score.Divergence, "0.00000")), new("", f => f == report.Chosen ? "chosen" : "")));
        Line($"Float model right on {Share(report.Float.Accuracy) ?? "(not labelled)"} of {report.Float.Samples} validation samples.");
        Line($"Size {report.Size / 1024.0:0} kB of {report.FloatSize / 1024.0:0} kB ({(double)report.Size / report.FloatSize:0.000}).");
        Fusion(report);
        Kept(report);
        if (report.RemovedChannels.Count > 0)
            Line($"Dead channels taken out: {string.Join(", ", report.RemovedChannels.Select(r => $"{r.Key} {r.Value}"))}.");
        if (report.FloatOperators.Count > 0)
            Line($"Operators in float, for which there is no int8 here: {string.Join(", ", report.FloatOperators.Select(o => $"{o.Key} ({o.Value})"))}. Where they cost too much, train with Relu or Clip instead.");
        foreach (var score in report.Beside)
            Line($"Beside: {score.File} {(score.IsQuantized ? "(already int8, left as it is)" : "(float)")}: right {Share(score.Score.Accuracy)}, agrees {Share(score.Score.Agreement)} on validation, {score.Size / 1024.0:0} kB.");
        if (report.Test.Count > 0)
            AnsiConsole.Write(Printer.TableOf(report.Test, new("ON TEST", t => t.File), new("RIGHT", t => t.Score.Right is { } right ? $"{right} of {t.Score.Samples}" : null), new("SHARE", t => Share(t.Score.Accuracy)),
                new("AGREES", t => Share(t.Score.Agreement)), new("CHANGE", t => Number(t.Score.ProbabilityChange, "0.000")), new("SQNR", t => Number(t.Score.SqnrDb, "0.0")), new("SIZE", t => $"{t.Size / 1024.0:0} kB")));
        foreach (var note in report.Notes)
            Line($"Note: {note}");
        if (report.Unreadable.Count > 0)
            Line($"{report.Unreadable.Count} file(s) could not be read and were left out: {string.Join(" ", report.Unreadable)}");
    }

    private static void Fusion(QuantizeReport report)
    {
        if (report.Fusion is { } fusion)
            Line($"ONNX Runtime runs {fusion.Fused} of {fusion.Asked} int8 layers on integers ({string.Join(", ", fusion.Integer.Select(o => $"{o.Key} {o.Value}"))}){(fusion.FloatLayers.Count > 0 ? $"; in float: {string.Join(", ", fusion.FloatLayers.Select(o => $"{o.Key} {o.Value}"))}" : "")}.");
        if (report.Speed is { } speed)
            Line($"One thread here: float {speed.FloatMs:0.00} ms, int8 {speed.Int8Ms:0.00} ms, {speed.Ratio:0.00} times as fast ({speed.RatioMin:0.00} to {speed.RatioMax:0.00}).");
    }

    private static void Kept(QuantizeReport report)
    {
        if (report.KeptFloat.Count == 0)
            return;
        var all = report.Tried.Where(f => f.FloatTensors == 0).MinBy(f => f.Score.Divergence)!;
        Line($"{report.KeptFloat.Count} activation(s) stay float; all in int8, {Share(all.Score.Agreement)} of answers agree:");
        foreach (var tensor in report.KeptFloat)
            Line($"  {tensor.Name} ({tensor.MadeBy}), {tensor.Min:0.###} to {tensor.Max:0.###}, {tensor.SqnrDb:0.0} dB, divergence {tensor.Divergence:0.0000} by itself");
    }

    private static void Line(FormattableString text) => Console.Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private static string? Share(double? share) => share?.ToString("P1", CultureInfo.InvariantCulture);

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
