using System.CommandLine;
using System.Globalization;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.ModelPrep.Inspecting;
using Spectre.Console;

namespace EdgeFleet.Cli.Models;

/// <summary><c>edgefleet model diff A B</c>: graph, weights, and answers where there is data. Exit code 1 when they differ, as diff does it.</summary>
internal sealed class DiffCommand
{
    private const int RowsShown = 15;

    private readonly Argument<FileInfo> _a = new("A.onnx") { Description = "The first ONNX file." };
    private readonly Argument<FileInfo> _b = new("B.onnx") { Description = "The second." };
    private readonly Option<string> _split = new("--split") { Description = "With --data: train, val, test or all.", DefaultValueFactory = _ => "test" };
    private readonly SampleOptions _samples = new();

    public static Command Create() => new DiffCommand().Build();

    private Command Build()
    {
        var command = new Command("diff", "Compare two ONNX files: graph, weights (int8 ones as the numbers they stand for), and with --data their answers. Ends with 1 when they differ.") { _a, _b, _split };
        _samples.AddTo(command, isDataRequired: false);
        command.SetAction((parsed, cancel) => Task.FromResult(LocalRun.Of(() => Run(parsed, cancel))));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var (a, b) = (parsed.GetValue(_a)!.FullName, parsed.GetValue(_b)!.FullName);
        if (new[] { a, b }.FirstOrDefault(f => !File.Exists(f)) is { } absent)
            throw new UsageException($"{absent} does not exist. Give two ONNX files; those of a package lie in its folder variants.");
        var found = ModelDiffer.Compare(a, b);
        if (_samples.Of(parsed) is { Data.Length: > 0 } samples)
        {
            using var progress = new StepLine();
            found = found with { Answers = ModelDiffer.Ask(Request(samples, a, b, parsed.GetValue(_split)!), progress, cancel) };
        }

        if (OutputOptions.Of(parsed) is OutputFormat.Json or OutputFormat.Ndjson)
            Console.Out.WriteLine(InspectJson.Of(found));
        else if (OutputOptions.Of(parsed) == OutputFormat.Name)
            Console.Out.WriteLine(found.IsSameFile ? "same" : "different");
        else
            Print(found);
        return found.IsSameFile ? ExitCode.Ok : ExitCode.Failed;
    }

    private static EvaluateRequest Request(SampleChoices samples, string a, string b, string split) => new()
    {
        Models = [a, b],
        Float = a,
        Data = samples.Data,
        Task = samples.Task,
        Labels = samples.Labels,
        Input = samples.Input,
        Boxes = samples.Boxes,
        Score = samples.Score,
        Values = samples.Values,
        Activation = samples.Activation,
        Split = split,
    };

    private static void Print(ModelDifference d)
    {
        if (d.IsSameFile)
        {
            Line($"{d.A.File} and {d.B.File} are the same bytes.");
            return;
        }

        Line($"A: {d.A.File}, {Kind(d.A)}. B: {d.B.File}, {Kind(d.B)} ({Number((double)d.B.Size / d.A.Size, "0.000")} of A).");
        foreach (var line in d.Outside) Line(line);
        Line(d.Operators.Count == 0 ? "Operators: as many of each." : "Operators that differ in number:");
        if (d.Operators.Count > 0)
            AnsiConsole.Write(Printer.TableOf(d.Operators, new("OPERATOR", o => o.Operator), new("A", o => $"{o.A}"), new("B", o => $"{o.B}")));
        foreach (var layer in d.Layers.Take(RowsShown)) Line(layer);
        More(d.Layers.Count);
        Weights(d);
        if (d.Answers is { } answers) Answers(answers);
    }

    private static void Weights(ModelDifference d)
    {
        var changed = d.Weights.Where(w => w.Changed > 0).ToList();
        Line(changed.Count == 0 ? $"Weights: the same in all {d.Weights.Count} layers that both have." : $"Weights differ in {changed.Count} of {d.Weights.Count} layers, the worst first:");
        if (changed.Count == 0)
            return;
        AnsiConsole.Write(Printer.TableOf([.. changed.Take(RowsShown)], new("LAYER", w => w.Layer), new("SHAPE", w => $"[{string.Join(", ", w.Shape)}]"), new("A", w => w.TypeA), new("B", w => w.TypeB),
            new("CHANGED", w => $"{w.Changed} of {w.Of}"), new("GREATEST CHANGE", w => Number(w.Greatest, "0.#####")), new("SQNR", w => w.SqnrDb is { } db ? $"{Number(db, "0.0")} dB" : "")));
        More(changed.Count);
    }

    private static void Answers(AnswerDifference a)
    {
        Line($"Answers: equal on {Number(100 * a.Agreement, "0.0")} % of {a.Samples} samples, mean change of probability {Number(a.ProbabilityChange, "0.000")}{(a.RightA is { } right ? $"; A right on {right}, B on {a.RightB}" : "")}.");
        if (a.Differing.Count > 0)
            AnsiConsole.Write(Printer.TableOf([.. a.Differing.Take(RowsShown)], new("ANSWERED OTHERWISE", s => s.File), new("TRUE", s => s.Label), new("A", s => s.A), new("B", s => s.B)));
        More(a.Differing.Count);
        if (a.Unreadable.Count > 0)
            Line($"{a.Unreadable.Count} file(s) could not be read and were left out: {string.Join(" ", a.Unreadable)}");
    }

    private static void More(int count)
    {
        if (count > RowsShown)
            Line($"... and {count - RowsShown} more; -o json has all.");
    }

    private static string Kind(ModelSheet m) => $"{(m.IsQuantized ? "int8" : "float")}, {Number(m.Size / 1024.0, "0")} kB";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static void Line(string text) => Console.Out.WriteLine(text);
}
