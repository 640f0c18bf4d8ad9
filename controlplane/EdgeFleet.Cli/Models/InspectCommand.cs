using System.CommandLine;
using System.Globalization;
using EdgeFleet.Cli.Output;
using EdgeFleet.ModelPrep.Inspecting;
using EdgeFleet.Shared.Models;
using Spectre.Console;

namespace EdgeFleet.Cli.Models;

/// <summary><c>edgefleet model inspect FILE|PACKAGE</c>: what stands in it, without running it.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("FILE|PACKAGE") { Description = "An ONNX file, or the folder of a package." };
        var command = new Command("inspect", "Show what stands in an ONNX file or a package, without running it.") { path };
        command.SetAction(parsed => LocalRun.Of(() => Run(parsed.GetValue(path)!, OutputOptions.Of(parsed))));
        return command;
    }

    private static int Run(string path, OutputFormat format)
    {
        if (Directory.Exists(path))
        {
            var package = PackageSheet.Read(path);
            Write(format, $"{package.Manifest.Name}@{package.Manifest.Version}", () => InspectJson.Of(package), () => Print(package));
            return ExitCode.Ok;
        }

        if (!File.Exists(path))
        {
            Printer.Error($"{path} does not exist. Give an ONNX file or the folder of a package.");
            return ExitCode.NotFound;
        }

        var sheet = ModelInspector.Inspect(path);
        Write(format, sheet.File, () => InspectJson.Of(sheet), () => Print(sheet));
        return ExitCode.Ok;
    }

    private static void Write(OutputFormat format, string name, Func<string> json, Action people)
    {
        if (format is OutputFormat.Json or OutputFormat.Ndjson)
            Console.Out.WriteLine(json());
        else if (format == OutputFormat.Name)
            Console.Out.WriteLine(name);
        else
            people();
    }

    private static void Print(ModelSheet m)
    {
        Line($"{m.File}: {Size(m.Size)}, {(m.IsQuantized ? "int8" : "float")}, {string.Join(", ", m.Opsets.Select(o => $"opset {o.Value} of {o.Key}"))}, IR {m.IrVersion}{(m.Producer.Length > 0 ? $", written by {m.Producer}" : "")}{(m.HasExternalWeights ? ", weights in other files" : "")}.");
        Line($"SHA-256 {m.Digest}");
        foreach (var input in m.Inputs) Line($"  in   {input}");
        foreach (var output in m.Outputs) Line($"  out  {output}");
        Line($"Operators: {string.Join(", ", m.Operators.Select(o => $"{o.Key} {o.Value}"))}.");
        Line($"Values of constants: {string.Join(", ", m.Values.Select(v => $"{v.Value.ToString("N0", CultureInfo.InvariantCulture)} {v.Key}"))}.");
        foreach (var (key, value) in m.Metadata) Line($"{key}: {value}");
        Console.Out.WriteLine();
        AnsiConsole.Write(Printer.TableOf(m.Layers, new("LAYER", l => l.Name), new("OPERATOR", l => l.Operator), new("WEIGHTS", l => $"[{string.Join(", ", l.Shape)}]"), new("KEPT AS", l => l.Type),
            new("RANGE", l => string.Create(CultureInfo.InvariantCulture, $"{l.Min:0.###} to {l.Max:0.###}"))));
        foreach (var note in m.Notes) Line($"Note: {note}");
    }

    private static void Print(PackageSheet p)
    {
        var m = p.Manifest;
        Line($"{m.Name} {m.Version}, {m.Task}, for agents from {m.MinimumAgent}. SHA-256 of the manifest {p.Digest}.");
        if (m.Unproven is { } unproven) Line($"UNPROVEN: {unproven}");
        Line($"From {m.Lineage.Source} ({m.Lineage.SourceDigest.Short}...) and {m.Lineage.Data}, by {m.Lineage.Tools}{(m.Lineage.Teacher is { } teacher ? $", taught by {teacher}" : "")}.");
        Line($"Takes {Words(m.Input)}; {(m.Output.Boxes is not null ? "boxes of" : m.Output.Score is not null ? "a score:" : "one of")} {string.Join(", ", m.Output.Labels)}.");
        Line($"Budgets: p95 {m.Budgets.P95LatencyMs.ToString(CultureInfo.InvariantCulture)} ms, {m.Budgets.MemoryMb} MB{(m.Budgets.EnergyMj is { } mj ? string.Create(CultureInfo.InvariantCulture, $", {mj} mJ") : "")}.");
        if (m.Shadow is { Judges: true } shadow) Line($"In shadow: {shadow.Words()}, from {shadow.SamplesMin ?? ShadowLimits.SamplesMinDefault} samples.");
        Line($"Alerts: {(m.Alerts.Count == 0 ? "none" : string.Join(", ", m.Alerts.Select(a => $"{a.Label} ({a.Seen} of {a.Of}, {a.Severity})")))}.");
        if (p.Advice is { } advice)
            Line($"Advice in {string.Join(", ", advice.Languages.Keys.Order(StringComparer.Ordinal))}, by {advice.Source}: {string.Join(", ", advice.Languages.Values.SelectMany(l => l.Keys).Distinct())}.");
        if (p.Golden is { } golden)
            Line(string.Create(CultureInfo.InvariantCulture, $"Golden set: {golden.Items.Count} items of {golden.Items.Select(i => i.Label).Distinct().Count()} labels, least agreement {golden.LeastAgreement:0.##}, change of probability {golden.ProbabilityTolerance:0.##}."));
        if (p.Reference is { } reference)
            Line($"Reference: {reference.Samples} samples, {reference.Inputs.Count} features, calibration in {reference.Calibration.Count} steps.");
        Console.Out.WriteLine();
        AnsiConsole.Write(Printer.TableOf(m.Variants, new("VARIANT", v => v.Name), new("SIZE", v => Size(v.File.Size)), new("OPSET", v => $"{v.Opset}"), new("RUNS ON", v => v.Provider + (v.CpuFeatures.Count > 0 ? $" with {string.Join(", ", v.CpuFeatures)}" : "")),
            new("RIGHT ON VAL", v => Share(p, v, "val")), new("RIGHT ON TEST", v => Share(p, v, "test")), new("SHA-256", v => v.File.Digest.Short + "...")));
        if (p.Missing.Count > 0) Line($"Note: the folder lacks {string.Join(", ", p.Missing)}. See: edgefleet model verify {p.Folder}");
    }

    private static string Words(InputSpec input) => input.Kind == "image"
        ? $"photos of {input.Width}x{input.Height} ({input.Layout}, {input.ColourOrder}{(input.Resize!.Antialias ? ", antialiased" : "")}), scale {Numbers(input.Scale)}, offset {Numbers(input.Offset)}"
        : $"windows of {input.Length} readings of {string.Join(", ", input.Columns!)} ({input.Layout}), scale {Numbers(input.Scale)}, offset {Numbers(input.Offset)}";

    private static string Numbers(IReadOnlyList<float> values) => string.Join(",", values.Distinct().Count() == 1 ? [values[0].ToString(CultureInfo.InvariantCulture)] : values.Select(v => v.ToString(CultureInfo.InvariantCulture)));

    private static string? Share(PackageSheet p, Variant variant, string split) =>
        p.Report?.Variants.FirstOrDefault(v => v.Name == variant.Name) is { } report && report.Splits.TryGetValue(split, out var score) && score.IsLabelled ? score.Accuracy.ToString("P1", CultureInfo.InvariantCulture) : null;

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0} kB");

    private static void Line(string text) => Console.Out.WriteLine(text);
}
