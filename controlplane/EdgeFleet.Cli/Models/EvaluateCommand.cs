using System.CommandLine;
using System.Text;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.ModelPrep.Evaluating;
using EdgeFleet.ModelPrep.Evaluating.Html;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Files;

namespace EdgeFleet.Cli.Models;

/// <summary><c>edgefleet model evaluate</c>: models side by side on labelled data, for people, as JSON, and as a page.</summary>
internal sealed class EvaluateCommand
{
    private const UnixFileMode ModeOfReports = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly Argument<string[]> _models = new("FILE|PACKAGE") { Description = "ONNX files, or folders of packages, which bring their preparation along.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _reference = new("--reference") { Description = "The float model that answers are held against; by default the first float one given.", HelpName = "FLOAT.onnx" };
    private readonly Option<string> _split = new("--split") { Description = "train, val, test or all.", DefaultValueFactory = _ => "test" };
    private readonly Option<string[]> _segments = new("--segment") { Description = "Compare quality by: folder (SPLIT/CLASS/SEGMENT/), a column of a table in the data, or an image feature in thirds (luma, sharpness ...); may be given several times. By default folders, else luma and sharpness.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<int> _blocks = new("--latency-blocks") { Description = "Blocks of runs that latency is measured in, by turns over the models; 0 leaves it out.", DefaultValueFactory = _ => 11 };
    private readonly Option<FileInfo?> _report = new("--report") { Description = "Write a page that stands for itself to this file too.", HelpName = "REPORT.html" };
    private readonly Option<bool> _json = new("--json") { Description = "Same as -o json." };
    private readonly SampleOptions _samples = new();

    public static Command Create() => new EvaluateCommand().Build();

    private Command Build()
    {
        var command = new Command("evaluate", "Measure models side by side on labelled data: right answers, honesty of confidence, agreement with float, times, and who is served worse.")
        {
            _models, _reference, _split, _segments, _blocks, _report, _json,
        };
        _samples.AddTo(command);
        command.SetAction((parsed, cancel) => Task.FromResult(LocalRun.Of(() => Run(parsed, cancel))));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        EvaluationReport report;
        using (var progress = new StepLine())
            report = ModelComparer.Compare(Request(parsed), progress, cancel);
        if (parsed.GetValue(_report) is { } page)
        {
            Directory.CreateDirectory(page.DirectoryName!);
            DurableFile.Replace(page.FullName, Encoding.UTF8.GetBytes(EvaluationPage.Of(report)), ModeOfReports);
        }

        var format = parsed.GetValue(_json) ? OutputFormat.Json : OutputOptions.Of(parsed);
        if (format is OutputFormat.Json or OutputFormat.Ndjson)
            Console.Out.WriteLine(EvaluationJson.Of(report));
        else if (format == OutputFormat.Name)
            foreach (var model in report.Models) Console.Out.WriteLine(model.Name);
        else
            EvaluateText.Print(report, parsed.GetValue(_report)?.FullName);
        return ExitCode.Ok;
    }

    private EvaluateRequest Request(ParseResult p)
    {
        var samples = _samples.Of(p);
        var models = p.GetValue(_models)!;
        if (samples.Score is { Threshold: null })
            throw new UsageException("An anomaly score needs its threshold, or nothing tells what is right. Give --threshold.");
        if (p.GetValue(_blocks) is < 0 or > 1000)
            throw new UsageException($"--latency-blocks {p.GetValue(_blocks)} cannot be used; give 0 to 1000.");
        if (models.Append(p.GetValue(_reference)).OfType<string>().FirstOrDefault(m => !File.Exists(m) && !Directory.Exists(m)) is { } absent)
            throw new UsageException($"{absent} does not exist. Give ONNX files or folders of packages.");
        return new EvaluateRequest
        {
            Models = models,
            Reference = p.GetValue(_reference),
            Float = p.GetValue(_reference) ?? models[0],
            Data = samples.Data,
            Task = samples.Task,
            Labels = samples.Labels,
            Input = samples.Input,
            Boxes = samples.Boxes,
            Score = samples.Score,
            Values = samples.Values,
            Activation = samples.Activation,
            Split = p.GetValue(_split)!,
            Segments = p.GetValue(_segments) is { Length: > 0 } segments ? segments : null,
            LatencyBlocks = p.GetValue(_blocks),
        };
    }
}
