using System.CommandLine;
using System.Globalization;
using EdgeFleet.Cli.Connection;
using EdgeFleet.Cli.Output;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.ModelPrep.Quantization;
using Spectre.Console;

namespace EdgeFleet.Cli.Models;

/// <summary><c>edgefleet model quantize</c>: an int8 file whose answers are the float model's, or the sentence that says why not.</summary>
internal sealed class QuantizeCommand
{
    private readonly Argument<FileInfo> _float = new("FLOAT.onnx") { Description = "The float model." };
    private readonly Option<FileInfo> _out = new("--out") { Description = "The int8 file to write.", Required = true };
    private readonly SampleOptions _samples = new();
    private readonly Option<string> _target = new("--target") { Description = "cpu (uint8 activations, int8 weights) or tensorrt (int8 about zero).", DefaultValueFactory = _ => "cpu" };
    private readonly Option<string> _calibrator = new("--calibrator") { Description = "min-max, percentile, entropy or mse; auto tries all and takes the best on validation.", DefaultValueFactory = _ => "auto" };
    private readonly Option<int> _count = new("--calibration-samples") { Description = "Training samples that ranges are taken from.", DefaultValueFactory = _ => 200 };
    private readonly Option<bool> _bias = new("--bias-correction") { Description = "Correct biases where that helps.", DefaultValueFactory = _ => true };
    private readonly Option<bool> _feedback = new("--error-feedback") { Description = "Round weights with error feedback where that helps.", DefaultValueFactory = _ => true };
    private readonly Option<bool> _search = new("--search") { Description = "Keep the worst activations in float until the gate passes.", DefaultValueFactory = _ => true };
    private readonly Option<bool> _dead = new("--remove-dead-channels") { Description = "Take out channels that are the same for every calibration sample." };
    private readonly Option<double> _agreement = new("--agreement") { Description = "Least share of validation answers equal to the float model's.", DefaultValueFactory = _ => 0.98 };
    private readonly Option<double> _loss = new("--accuracy-loss") { Description = "Share of right validation answers that may be lost; one sample always may.", DefaultValueFactory = _ => 0.005 };
    private readonly Option<double> _change = new("--probability-change") { Description = "Mean change of the probability of the float model's answer that is allowed.", DefaultValueFactory = _ => 0.03 };
    private readonly Option<FileInfo[]> _beside = new("--beside") { Description = "Another int8 file (QAT, distilled), left as it is and compared; may be given several times.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _teacher = new("--teacher") { Description = "Model that taught this one; goes into the lineage." };
    private readonly Option<bool> _unproven = new("--allow-unproven") { Description = "Write the best form also when it does not pass." };
    private readonly Option<FileInfo?> _report = new("--report") { Description = "Write the whole report as JSON to this file too." };

    public static Command Create() => new QuantizeCommand().Build();

    private Command Build()
    {
        var command = new Command("quantize", "Make an int8 file of a float one. Ranges come from train, choices from validation; test is read once, at the end.")
        {
            _float, _out, _target, _calibrator, _count, _bias, _feedback, _search, _dead, _agreement, _loss, _change, _beside, _teacher, _unproven, _report,
        };
        _samples.AddTo(command);
        command.SetAction((parsed, cancel) => Task.FromResult(LocalRun.Of(() => Run(parsed, cancel))));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        try
        {
            QuantizeResult result;
            using (var progress = new StepLine())
                result = ModelQuantizer.Quantize(Request(parsed), progress, cancel);
            if (parsed.GetValue(_report) is { } file)
                File.WriteAllText(file.FullName, QuantizeJson.Of(result.Report) + "\n");
            return Print(result, OutputOptions.Of(parsed));
        }
        catch (OperationCanceledException)
        {
            Printer.Error("stopped; nothing was written.");
            return ExitCode.Failed;
        }
    }

    private QuantizeRequest Request(ParseResult p)
    {
        var samples = _samples.Of(p);
        return new QuantizeRequest
        {
            Float = p.GetValue(_float)!.FullName,
            Out = p.GetValue(_out)!.FullName,
            Data = samples.Data,
            Task = samples.Task,
            Labels = samples.Labels,
            Input = samples.Input,
            Boxes = samples.Boxes,
            Score = samples.Score,
            Values = samples.Values,
            Activation = samples.Activation,
            Target = p.GetValue(_target) switch
            {
                "cpu" => QuantizationTarget.Cpu,
                "tensorrt" => QuantizationTarget.TensorRt,
                var other => throw new UsageException($"--target {other} is not known; use cpu or tensorrt."),
            },
            Calibrators = Calibrators(p.GetValue(_calibrator)!),
            CalibrationSamples = p.GetValue(_count),
            CorrectsBias = p.GetValue(_bias),
            FeedsBack = p.GetValue(_feedback),
            Searches = p.GetValue(_search),
            RemovesDeadChannels = p.GetValue(_dead),
            Gate = new QuantizeGate(p.GetValue(_agreement), p.GetValue(_loss), p.GetValue(_change)),
            Beside = [.. (p.GetValue(_beside) ?? []).Select(f => f.FullName)],
            Teacher = p.GetValue(_teacher),
            AllowUnproven = p.GetValue(_unproven),
        };
    }

    private static IReadOnlyList<Calibrator> Calibrators(string text) => text switch
    {
        "auto" => Enum.GetValues<Calibrator>(),
        "min-max" => [Calibrator.MinMax],
        "percentile" => [Calibrator.Percentile],
        "entropy" => [Calibrator.Entropy],
        "mse" => [Calibrator.Mse],
        _ => throw new UsageException($"--calibrator {text} is not known; use auto, min-max, percentile, entropy or mse."),
    };

    private static int Print(QuantizeResult result, OutputFormat format)
    {
        if (format is OutputFormat.Json or OutputFormat.Ndjson)
            Console.Out.WriteLine(QuantizeJson.Of(result.Report));
        else if (format == OutputFormat.Name && result is QuantizeResult.Written named)
            Console.Out.WriteLine(named.Path);
        else if (format == OutputFormat.Table)
            QuantizeText.Print(result.Report);

        switch (result)
        {
            case QuantizeResult.Refused refused:
                Printer.Error("refused: " + refused.Reason);
                return ExitCode.Failed;
            case QuantizeResult.Written written when format == OutputFormat.Table:
                Console.Out.WriteLine($"Written: {written.Path}. Pack it: edgefleet model pack --onnx {written.Path} --float ...");
                return ExitCode.Ok;
            default:
                return ExitCode.Ok;
        }
    }
}
