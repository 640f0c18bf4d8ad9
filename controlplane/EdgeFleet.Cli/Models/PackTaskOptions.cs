using System.CommandLine;
using System.Globalization;
using EdgeFleet.Cli.Connection;
using EdgeFleet.ModelPrep.Packing;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.Cli.Models;

/// <summary>Options of <c>edgefleet model pack</c> for object detection, anomaly scores and models with several inputs.</summary>
internal sealed class PackTaskOptions
{
    private readonly Option<string> _layout = new("--box-layout") { Description = "Axes of the boxes: NAC (candidates, values) or NCA (values, candidates).", DefaultValueFactory = _ => "NCA" };
    private readonly Option<string> _coordinates = new("--box-coordinates") { Description = "xyxy, yxyx or cxcywh.", DefaultValueFactory = _ => "cxcywh" };
    private readonly Option<string> _unit = new("--box-unit") { Description = "pixels of the input, or normalised.", DefaultValueFactory = _ => "pixels" };
    private readonly Option<int> _candidates = new("--candidates") { Description = "Candidate boxes, where the ONNX file leaves their number open." };
    private readonly Option<string?> _boxes = new("--boxes-output") { Description = "Output with the boxes; by default the first." };
    private readonly Option<string?> _scores = new("--scores-output") { Description = "Output with the label scores, when they stand apart from the boxes." };
    private readonly Option<string?> _count = new("--count-output") { Description = "Output with the number of candidates that count." };
    private readonly Option<bool> _objectness = new("--objectness") { Description = "A score of its own stands before the label scores." };
    private readonly Option<bool> _background = new("--background") { Description = "The first score is of the background." };
    private readonly Option<double> _scoreMin = new("--score-min") { Description = "Score below which a candidate is no box.", DefaultValueFactory = _ => 0.25 };
    private readonly Option<double> _iou = new("--iou") { Description = "Overlap above which the weaker box of a label is dropped.", DefaultValueFactory = _ => 0.45 };
    private readonly Option<int> _boxesMax = new("--boxes-max") { Description = "Most boxes of an image.", DefaultValueFactory = _ => 100 };
    private readonly Option<string> _score = new("--score") { Description = "Anomaly score: scalar (the model gives it), squared-error or absolute-error (of the input that it gives back).", DefaultValueFactory = _ => ScoreKind.SquaredError };
    private readonly Option<double?> _threshold = new("--threshold") { Description = "Score from which a sample is an anomaly; by default the one that parts validation best." };
    private readonly Option<string> _direction = new("--direction") { Description = "An anomaly scores above or below the threshold.", DefaultValueFactory = _ => "above" };
    private readonly Option<string?> _scoreOutput = new("--score-output") { Description = "Output with the score or what the model gives back; by default the first." };
    private readonly Option<string[]> _values = new("--values") { Description = "A further input with named values of the place, and their defaults; may be given several times.", HelpName = "TENSOR:altitude=800,slope=3", AllowMultipleArgumentsPerToken = true };

    /// <summary>Adds the options.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _layout, _coordinates, _unit, _candidates, _boxes, _scores, _count, _objectness, _background, _scoreMin, _iou, _boxesMax, _score, _threshold, _direction, _scoreOutput, _values })
            command.Add(option);
    }

    /// <summary>How boxes are read.</summary>
    public PackBoxes Boxes(ParseResult p) => new()
    {
        Layout = p.GetValue(_layout)!,
        Coordinates = p.GetValue(_coordinates)!,
        Unit = p.GetValue(_unit)!,
        Candidates = p.GetValue(_candidates),
        Tensor = p.GetValue(_boxes),
        ScoresTensor = p.GetValue(_scores),
        CountTensor = p.GetValue(_count),
        Objectness = p.GetValue(_objectness),
        Background = p.GetValue(_background),
        ScoreMin = p.GetValue(_scoreMin),
        IouMax = p.GetValue(_iou),
        BoxesMax = p.GetValue(_boxesMax),
    };

    /// <summary>What the score is.</summary>
    public PackScore Score(ParseResult p) => new()
    {
        Kind = p.GetValue(_score)!,
        Direction = p.GetValue(_direction)!,
        Threshold = p.GetValue(_threshold),
        Tensor = p.GetValue(_scoreOutput),
    };

    /// <summary>The further inputs.</summary>
    /// <exception cref="UsageException">One is not written like <c>TENSOR:name=value,name=value</c>.</exception>
    public IReadOnlyList<ValuesInput> Values(ParseResult p) => [.. (p.GetValue(_values) ?? []).Select(One)];

    private static ValuesInput One(string text)
    {
        var parts = text.Split(':');
        var pairs = parts.Length == 2 ? parts[1].Split(',').Select(v => v.Split('=')).ToList() : [];
        if (pairs.Count == 0 || pairs.Any(v => v.Length != 2 || v[0].Length == 0 || !float.TryParse(v[1], NumberStyles.Float, CultureInfo.InvariantCulture, out _)))
            throw new UsageException($"--values {text} is not understood; it looks like place:altitude=800,slope=3");

        return new ValuesInput
        {
            Tensor = parts[0],
            Names = [.. pairs.Select(v => v[0])],
            Default = [.. pairs.Select(v => float.Parse(v[1], CultureInfo.InvariantCulture))],
            Scale = [.. pairs.Select(_ => 1f)],
            Offset = [.. pairs.Select(_ => 0f)],
        };
    }
}
