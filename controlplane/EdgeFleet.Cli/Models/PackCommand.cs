using System.CommandLine;
using System.Globalization;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.Cli.Rollouts;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using Spectre.Console;

namespace EdgeFleet.Cli.Models;

/// <summary><c>edgefleet model pack</c>: a package from ONNX files and labelled data, or the sentence that says why not.</summary>
internal sealed class PackCommand
{
    private readonly Option<FileInfo[]> _onnx = new("--onnx") { Description = "ONNX file that boards will run; may be given several times.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<FileInfo> _float = new("--float") { Description = "The float ONNX file whose answers the variants must give.", Required = true };
    private readonly Option<FileInfo[]> _tensorRt = new("--tensorrt") { Description = "ONNX file for Jetsons with TensorRT, as quantize --target tensorrt makes it; may be given several times.", AllowMultipleArgumentsPerToken = true, HelpName = "FILE.onnx" };
    private readonly Option<FileInfo?> _advice = new("--advice") { Description = "JSON file with names of labels and what to do, by language: {\"source\": ..., \"languages\": {\"en\": {LABEL: {\"name\": ..., \"steps\": [...]}}}}.", HelpName = "ADVICE.json" };
    private readonly SampleOptions _samples = new();
    private readonly Option<string?> _name = new("--name") { Description = "Name of the model, for example coffee-leaf; by default from the float file's name." };
    private readonly Option<string> _version = new("--version") { Description = "Version of the package.", DefaultValueFactory = _ => "1.0.0" };
    private readonly Option<double> _agreement = new("--agreement") { Description = "Least share of validation answers equal to the float model's.", DefaultValueFactory = _ => 0.9 };
    private readonly Option<double> _accuracyLoss = new("--accuracy-loss") { Description = "Share of right validation answers that may be lost against the float model.", DefaultValueFactory = _ => 0.05 };
    private readonly Option<double?> _budgetMs = new("--budget-p95-ms") { Description = "Budget for the 95th percentile of a run; by default proposed from a measurement." };
    private readonly Option<int?> _budgetMb = new("--budget-memory-mb") { Description = "Budget for memory; by default proposed." };
    private readonly Option<string?> _floor = new("--release-floor") { Description = "Oldest version of the model that boards may go back to from now on; signed with the package it only rises." };
    private readonly ShadowLimitOptions _shadow = new();
    private readonly Option<string?> _teacher = new("--teacher") { Description = "Model that taught this one." };
    private readonly Option<bool> _unproven = new("--allow-unproven") { Description = "Pack all the same when a variant disagrees, marked as unproven: for boards tagged lab." };
    private readonly Option<DirectoryInfo> _out = new("--out") { Description = "Folder to make.", Required = true };

    public static Command Create() => new PackCommand().Build();

    private Command Build()
    {
        var command = new Command("pack", "Make a package: golden set, reference, report, manifest. Refuses a variant that disagrees with its float model.")
        {
            _onnx, _tensorRt, _float, _advice, _name, _version, _agreement, _accuracyLoss, _budgetMs, _budgetMb, _floor, _teacher, _unproven, _out,
        };
        _samples.AddTo(command);
        _shadow.AddTo(command);
        command.SetAction(parsed => LocalRun.Of(() => Run(parsed)));
        return command;
    }

    private int Run(ParseResult parsed)
    {
        PackResult result;
        using (var progress = new StepLine())
            result = ModelPacker.Pack(Request(parsed), progress);
        return Print(result, OutputOptions.Of(parsed));
    }

    private PackRequest Request(ParseResult p)
    {
        var samples = _samples.Of(p);
        return new PackRequest
        {
            Onnx = [.. (p.GetValue(_onnx) ?? []).Select(f => f.FullName)],
            TensorRt = [.. (p.GetValue(_tensorRt) ?? []).Select(f => f.FullName)],
            Advice = p.GetValue(_advice)?.FullName,
            Float = p.GetValue(_float)!.FullName,
            Data = samples.Data,
            Task = samples.Task,
            Labels = samples.Labels,
            Boxes = samples.Boxes,
            Score = samples.Score,
            Values = samples.Values,
            Input = samples.Input,
            Activation = samples.Activation,
            Name = p.GetValue(_name) ?? NameOf(p.GetValue(_float)!),
            Version = p.GetValue(_version)!,
            Out = p.GetValue(_out)!.FullName,
            AgreementMin = p.GetValue(_agreement),
            AccuracyLossMax = p.GetValue(_accuracyLoss),
            AllowUnproven = p.GetValue(_unproven),
            Budgets = Budgets(p),
            ReleaseFloor = p.GetValue(_floor) ?? "",
            Shadow = _shadow.Of(p),
            Teacher = p.GetValue(_teacher),
        };
    }

    private Budgets? Budgets(ParseResult p) => (p.GetValue(_budgetMs), p.GetValue(_budgetMb)) switch
    {
        (null, null) => null,
        ({ } ms, { } mb) => new Budgets { P95LatencyMs = ms, MemoryMb = mb },
        _ => throw new UsageException("Give both --budget-p95-ms and --budget-memory-mb, or neither."),
    };

    // coffee_leaf_float.onnx is the float file of coffee-leaf.
    private static string NameOf(FileInfo floatModel)
    {
        var words = Path.GetFileNameWithoutExtension(floatModel.Name).ToLowerInvariant()
            .Split(['_', '-', '.', ' '], StringSplitOptions.RemoveEmptyEntries).Where(w => w is not ("float" or "fp32" or "float32"));
        var name = string.Join('-', words);
        return Names.IsDnsLabel(name, 2, 63) ? name : throw new UsageException($"{floatModel.Name} gives no name for the model. Give --name, for example coffee-leaf.");
    }

    private static int Print(PackResult result, OutputFormat format)
    {
        switch (result)
        {
            case PackResult.Refused refused:
                foreach (var reason in refused.Reasons)
                    Printer.Error("refused: " + reason);
                return ExitCode.Failed;
            case PackResult.Packed packed when format == OutputFormat.Table:
                Describe(packed);
                return ExitCode.Ok;
            case PackResult.Packed packed:
                Console.Out.WriteLine(format == OutputFormat.Name ? packed.Package.Label : PackResultJson.Of(packed));
                return ExitCode.Ok;
            default:
                throw new InvalidOperationException($"{result} is not known here.");
        }
    }

    private static void Describe(PackResult.Packed packed)
    {
        Console.Out.WriteLine($"{packed.Package.Label} is packed in {packed.Folder}.{(packed.Manifest.Unproven is { } why ? " UNPROVEN: " + why : "")}");
        AnsiConsole.Write(Printer.TableOf(packed.Report.Variants,
            new("VARIANT", v => v.Name), new("SIZE", v => $"{v.Size / 1024.0:0} kB"), new("AGREES ON VAL", v => Share(v.Splits, "val", s => s.Agreement)),
            new("RIGHT ON VAL", v => Share(v.Splits, "val", Right)), new("RIGHT ON TEST", v => Share(v.Splits, "test", Right)),
            new("SQNR", v => $"{v.SqnrDb:0.0} dB"), new("P95 HERE", v => packed.Latency.FirstOrDefault(l => l.Variant == v.Name) is { } l ? string.Create(CultureInfo.InvariantCulture, $"{l.P95Ms:0.00} ms") : ""),
            new("SPEED", v => packed.Latency.FirstOrDefault(l => l.Variant == v.Name) is { } l ? string.Create(CultureInfo.InvariantCulture, $"{l.Ratio:0.00}x ({l.RatioLow:0.00} to {l.RatioHigh:0.00})") : "")));
        Console.Out.WriteLine($"Float model right on {string.Join(", ", packed.Report.Float.Select(s => $"{s.Key} {Right(s.Value)?.ToString("P1", CultureInfo.InvariantCulture) ?? "(not labelled)"}"))}. Budgets: p95 {packed.Manifest.Budgets.P95LatencyMs} ms, {packed.Manifest.Budgets.MemoryMb} MB.");
        foreach (var warning in packed.Warnings)
            Console.Out.WriteLine("Note: " + warning);
        Console.Out.WriteLine($"Publish it: edgefleet model push {packed.Folder}");
    }

    private static double? Right(SplitScore score) => score.IsLabelled ? score.Accuracy : null;

    private static string? Share(IReadOnlyDictionary<string, SplitScore> splits, string split, Func<SplitScore, double?> of) =>
        splits.TryGetValue(split, out var score) ? of(score)?.ToString("P1", CultureInfo.InvariantCulture) : null;
}
