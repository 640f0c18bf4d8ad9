using System.CommandLine;
using System.Globalization;
using EdgeFleet.Cli.Connection;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Cli.Models;

/// <summary>Options that say what the data is and how a sample becomes the input tensor; the same for packing, quantizing and evaluating.</summary>
internal sealed class SampleOptions
{
    private readonly Option<string?> _data = new("--data") { Description = "Labelled data: FOLDER/<split>/<class>/*.jpg, or a CSV with file, label, split. For object-detection FOLDER/<split>/*.jpg, with boxes in .txt files or without." };
    private readonly Option<string> _task = new("--task") { Description = "image-classification, series-classification, object-detection or anomaly-score.", DefaultValueFactory = _ => ModelTask.ImageClassification };
    private readonly Option<FileInfo?> _labels = new("--labels") { Description = "Text file, one label a line, in the order of the outputs; not for anomaly-score." };
    private readonly Option<string?> _size = new("--size") { Description = "WIDTHxHEIGHT of the input image; by default what the ONNX file says.", HelpName = "224x224" };
    private readonly Option<string> _resize = new("--resize") { Description = "bilinear.", DefaultValueFactory = _ => "bilinear" };
    private readonly Option<bool> _antialias = new("--antialias") { Description = "Widen the filter when shrinking, as Pillow and torchvision do on images.", DefaultValueFactory = _ => true };
    private readonly Option<string?> _scale = new("--scale") { Description = "Factor on pixel values 0..255, one or one a channel.", HelpName = "1/127.5" };
    private readonly Option<string?> _offset = new("--offset") { Description = "Summand after the factor.", HelpName = "-1" };
    private readonly Option<string?> _mean = new("--mean") { Description = "Instead: mean by channel.", HelpName = "R,G,B" };
    private readonly Option<string?> _std = new("--std") { Description = "With --mean: deviation by channel.", HelpName = "R,G,B" };
    private readonly Option<string?> _layout = new("--layout") { Description = "NCHW, NHWC; for series NCT, NTC." };
    private readonly Option<string> _colour = new("--colour-order") { Description = "RGB or BGR.", DefaultValueFactory = _ => "RGB" };
    private readonly Option<string[]> _columns = new("--column") { Description = "Column of a series; may be given several times.", AllowMultipleArgumentsPerToken = true };
    private readonly Option<int> _length = new("--length") { Description = "Readings in a window of a series." };
    private readonly Option<string> _activation = new("--activation") { Description = "softmax, sigmoid or none.", DefaultValueFactory = _ => "softmax" };
    private readonly PackTaskOptions _taskOptions = new();

    /// <summary>Adds the options.</summary>
    /// <param name="command">To what.</param>
    /// <param name="isDataRequired">False where the command can do without data.</param>
    public void AddTo(Command command, bool isDataRequired = true)
    {
        _data.Required = isDataRequired;
        foreach (var option in new Option[] { _data, _task, _labels, _size, _resize, _antialias, _scale, _offset, _mean, _std, _layout, _colour, _columns, _length, _activation })
            command.Add(option);
        _taskOptions.AddTo(command);
    }

    /// <summary>What was given.</summary>
    /// <exception cref="UsageException">Options that do not go together, or are not understood.</exception>
    public SampleChoices Of(ParseResult p)
    {
        if (p.GetValue(_resize) != "bilinear")
            throw new UsageException($"--resize {p.GetValue(_resize)} is not known; bilinear is.");

        var task = p.GetValue(_task)!;
        string[] columns = p.GetValue(_columns) ?? [];
        var isImage = task != ModelTask.SeriesClassification && columns.Length == 0;
        var (scale, offset) = Normalisation(p);
        var (width, height) = Size(p.GetValue(_size));
        var input = new PackInput
        {
            Layout = p.GetValue(_layout) ?? (isImage ? "NCHW" : "NCT"),
            Width = width,
            Height = height,
            ColourOrder = p.GetValue(_colour)!,
            Antialias = p.GetValue(_antialias),
            Columns = columns,
            Length = p.GetValue(_length),
            Scale = scale,
            Offset = offset,
        };
        return new SampleChoices(p.GetValue(_data) ?? "", task, p.GetValue(_labels)?.FullName, input, p.GetValue(_activation)!,
            task == ModelTask.ObjectDetection ? _taskOptions.Boxes(p) : null, task == ModelTask.AnomalyScore ? _taskOptions.Score(p) : null, _taskOptions.Values(p));
    }

    private (IReadOnlyList<float> Scale, IReadOnlyList<float> Offset) Normalisation(ParseResult p)
    {
        var (mean, std) = (p.GetValue(_mean), p.GetValue(_std));
        if ((mean is null) != (std is null) || (mean is not null && (p.GetValue(_scale) ?? p.GetValue(_offset)) is not null))
            throw new UsageException("Give --scale and --offset, or --mean and --std.");

        return mean is not null
            ? PackNumbers.FromMeanAndDeviation(PackNumbers.Parse("--mean", mean), PackNumbers.Parse("--std", std!))
            : (PackNumbers.Parse("--scale", p.GetValue(_scale) ?? "1"), PackNumbers.Parse("--offset", p.GetValue(_offset) ?? "0"));
    }

    private static (int Width, int Height) Size(string? text) =>
        text is null ? (0, 0)
        : text.Split('x') is [var w, var h] && int.TryParse(w, CultureInfo.InvariantCulture, out var width) && int.TryParse(h, CultureInfo.InvariantCulture, out var height)
            ? (width, height)
            : throw new UsageException($"--size {text} is not a size; it looks like 224x224");
}

/// <summary>What the data is and how a sample becomes the input tensor, as it was given.</summary>
internal sealed record SampleChoices(
    string Data, string Task, string? Labels, PackInput Input, string Activation, PackBoxes? Boxes, PackScore? Score, IReadOnlyList<ValuesInput> Values);
