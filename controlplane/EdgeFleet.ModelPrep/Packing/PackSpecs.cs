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
    public static PackSpecs For(ModelRequest request)
    {
        if (!ModelTask.All.Contains(request.Task))
            throw new PackException($"Task '{request.Task}' is not known. Use {string.Join(", ", ModelTask.All)}.");
        if ((request.Task == ModelTask.ObjectDetection) != (request.Boxes is not null) || (request.Task == ModelTask.AnomalyScore) != (request.Score is not null))
            throw new PackException($"Task '{request.Task}' does not fit what is said of boxes or a score.");

        var labels = request.Task == ModelTask.AnomalyScore ? OutputSpec.ScoreLabels : ReadLabels(request);
        var graph = OnnxFile.Read(request.Float).Graph;
        var sample = SampleInput(request, graph);
        return new PackSpecs(InputOf(WithSize(request, graph.Input.First(i => i.Name == sample)), sample), PackOutputs.For(request, graph, labels));
    }

    private static List<string> ReadLabels(ModelRequest request)
    {
        if (request.Labels is null && LabelledFolder.LabelsOf(request.Data) is { Count: > 1 } found) return found;
        var path = request.Labels ?? throw new PackException("The labels are missing. Give a text file with one label a line, in the order of the outputs.");
        var least = request.Task == ModelTask.ObjectDetection ? 1 : 2;
        if (!File.Exists(path)) throw new PackException($"The label file {path} does not exist. Give a text file with one label a line.");
        var labels = File.ReadLines(path).Select(l => l.Trim()).Where(l => l.Length > 0).ToList();
        if (labels.Count < least) throw new PackException($"{path} has {labels.Count} label(s). A model of task {request.Task} needs at least {least}, one a line.");
        if (labels.GroupBy(l => l, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new PackException($"{path} has the label '{twice.Key}' twice.");
        return labels;
    }

    private static string SampleInput(ModelRequest request, GraphProto graph)
    {
        var known = graph.Initializer.Select(t => t.Name).Concat(request.Values.Select(v => v.Tensor)).ToHashSet();
        var inputs = graph.Input.Where(i => !known.Contains(i.Name)).ToList();
        if (request.Values.FirstOrDefault(v => graph.Input.All(i => i.Name != v.Tensor)) is { } absent)
            throw new PackException($"{request.Float} has no input '{absent.Tensor}'; it has {string.Join(", ", graph.Input.Select(i => i.Name))}.");
        return inputs is [{ Type.TensorType.ElemType: (int)DataType.Float } input]
            ? input.Name
            : throw new PackException($"{request.Float} has {inputs.Count} inputs or one that is not float. A model with one float input for the sample can be packed; name the others as values.");
    }

    // A size that was not given is the file's, where the file fixes it.
    private static ModelRequest WithSize(ModelRequest request, ValueInfoProto input)
    {
        var dims = (input.Type.TensorType.Shape?.Dim ?? []).Select(d => (int)Math.Clamp(d.DimValue, 0, int.MaxValue)).ToList();
        if (request.Input.Width > 0 || request.Input.Height > 0 || request.Input.Columns.Count > 0 || dims.Count != 4) return request;
        var (height, width) = request.Input.Layout == "NHWC" ? (dims[1], dims[2]) : (dims[2], dims[3]);
        return request with { Input = request.Input with { Width = width, Height = height } };
    }

    private static InputSpec InputOf(ModelRequest request, string tensor)
    {
        var input = request.Input;
        var isImage = request.Task switch
        {
            ModelTask.SeriesClassification => false,
            ModelTask.AnomalyScore => input.Columns.Count == 0,
            _ => true,
        };
        if (isImage && (input.Width < 1 || input.Height < 1)) throw new PackException($"{request.Float} leaves the size of the image open. Give --size WIDTHxHEIGHT.");
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
            Values = request.Values,
        };
    }

    private static IReadOnlyList<float> ByChannel(string what, IReadOnlyList<float> given, int channels) =>
        given.Count == channels ? given
        : given.Count == 1 ? [.. Enumerable.Repeat(given[0], channels)]
        : throw new PackException($"The {what} has {given.Count} values for {channels} channel(s). Give one for all, or one a channel.");
}
