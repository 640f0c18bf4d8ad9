using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Shared.Models;
using static EdgeFleet.ModelPrep.Onnx.TensorProto.Types;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>Input, output and labels of a package, from what was asked and what the float model says of itself.</summary>
internal sealed record PackSpecs(InputSpec Input, OutputSpec Output)
{
    /// <summary>What a sample of this task is called in sentences.</summary>
    public string Noun => Input.Kind == "image" ? "photos" : "windows";

    /// <summary>Reads labels and float model, and checks that they fit.</summary>
    /// <exception cref="PackException">They do not.</exception>
    public static PackSpecs For(PackRequest request)
    {
        if (request.Task is not (ModelTask.ImageClassification or ModelTask.SeriesClassification))
            throw new PackException($"Task '{request.Task}' is not known. Use {ModelTask.ImageClassification} or {ModelTask.SeriesClassification}.");

        var labels = ReadLabels(request.Labels);
        var graph = OnnxFile.Read(request.Float).Graph;
        var constants = graph.Initializer.Select(t => t.Name).ToHashSet();
        var inputs = graph.Input.Where(i => !constants.Contains(i.Name)).ToList();
        if (inputs is not [{ Type.TensorType.ElemType: (int)DataType.Float } input])
            throw new PackException($"{request.Float} has {inputs.Count} inputs or one that is not float. A classifier with one float input can be packed.");

        var output = graph.Output[0];
        CheckOutputs(request, output, labels);
        return new PackSpecs(
            InputOf(request, input.Name), new OutputSpec { Tensor = output.Name, Activation = request.Activation, Labels = labels });
    }

    private static List<string> ReadLabels(string path)
    {
        if (!File.Exists(path)) throw new PackException($"The label file {path} does not exist. Give a text file with one label a line.");
        var labels = File.ReadLines(path).Select(l => l.Trim()).Where(l => l.Length > 0).ToList();
        if (labels.Count < 2) throw new PackException($"{path} has {labels.Count} label(s). A classifier needs at least two, one a line.");
        if (labels.GroupBy(l => l, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new PackException($"{path} has the label '{twice.Key}' twice.");
        return labels;
    }

    private static void CheckOutputs(PackRequest request, ValueInfoProto output, List<string> labels)
    {
        var dims = output.Type?.TensorType?.Shape?.Dim;
        if (dims is not { Count: > 0 } || dims.Skip(1).Any(d => d.ValueCase != TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue)) return;
        var count = dims.Skip(1).Aggregate(1L, (product, dim) => product * dim.DimValue);
        if (count != labels.Count)
            throw new PackException($"{request.Labels} has {labels.Count} labels, but {request.Float} gives {count} outputs. Give one label for each output.");
    }

    private static InputSpec InputOf(PackRequest request, string tensor)
    {
        var (input, isImage) = (request.Input, request.Task == ModelTask.ImageClassification);
        if (isImage && (input.Width < 1 || input.Height < 1)) throw new PackException("The size of the image is missing. Give --size WIDTHxHEIGHT.");
        if (!isImage && (input.Length < 1 || input.Columns.Count < 1))
            throw new PackException("The window of the series is missing. Give its columns and the number of readings.");

        var channels = isImage ? 3 : input.Columns.Count;
        return new InputSpec
        {
            Kind = isImage ? "image" : "series",
            Tensor = tensor,
            Layout = input.Layout,
            Width = isImage ? input.Width : 0,
            Height = isImage ? input.Height : 0,
            ColourOrder = isImage ? input.ColourOrder : null,
            Resize = isImage ? new ResizeSpec { Antialias = input.Antialias } : null,
            Columns = isImage ? null : input.Columns,
            Length = isImage ? 0 : input.Length,
            Scale = ByChannel("scale", input.Scale, channels),
            Offset = ByChannel("offset", input.Offset, channels),
        };
    }

    private static IReadOnlyList<float> ByChannel(string what, IReadOnlyList<float> given, int channels) =>
        given.Count == channels ? given
        : given.Count == 1 ? [.. Enumerable.Repeat(given[0], channels)]
        : throw new PackException($"The {what} has {given.Count} values for {channels} channel(s). Give one for all, or one a channel.");
}
