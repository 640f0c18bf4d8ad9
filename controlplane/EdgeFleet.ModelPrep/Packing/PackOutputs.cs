using EdgeFleet.ModelPrep.Onnx;
using EdgeFleet.Shared.Models;

namespace EdgeFleet.ModelPrep.Packing;

/// <summary>How a package's outputs are read, from what was asked and what the float model says of its outputs.</summary>
internal static class PackOutputs
{
    /// <summary>The output of the manifest; the threshold of a score that was not given is found later, on validation.</summary>
    /// <exception cref="PackException">What was asked does not fit the model.</exception>
    public static OutputSpec For(ModelRequest request, GraphProto graph, IReadOnlyList<string> labels)
    {
        if (request.Boxes is { } boxes)
        {
            var tensor = Named(request, graph, boxes.Tensor);
            return new OutputSpec { Tensor = tensor.Name, Activation = request.Activation, Labels = labels, Boxes = BoxesOf(request, boxes, tensor) };
        }

        if (request.Score is { } score)
        {
            var threshold = score.Threshold ?? 0;
            return new OutputSpec
            {
                Tensor = Named(request, graph, score.Tensor).Name,
                Activation = "none",
                Labels = labels,
                Score = new ScoreSpec { Kind = score.Kind, Direction = score.Direction, Threshold = threshold, ThresholdLow = threshold, ThresholdHigh = threshold, Spread = 1 },
            };
        }

        CheckLabels(request, graph.Output[0], labels);
        return new OutputSpec { Tensor = graph.Output[0].Name, Activation = request.Activation, Labels = labels };
    }

    private static BoxSpec BoxesOf(ModelRequest request, PackBoxes asked, ValueInfoProto tensor)
    {
        var dims = DimsOf(tensor);
        var given = dims.Count == 3 ? dims[asked.Layout == "NCA" ? 2 : 1] : 0;
        if (asked.Candidates > 0 && given > 0 && given != asked.Candidates)
            throw new PackException($"{request.Float} gives {given} candidate boxes in '{tensor.Name}', not {asked.Candidates}.");
        var candidates = asked.Candidates > 0 ? asked.Candidates : (int)given;
        if (candidates < 1) throw new PackException($"{request.Float} leaves the number of candidate boxes in '{tensor.Name}' open. Give --candidates.");
        return new BoxSpec
        {
            Layout = asked.Layout,
            Candidates = candidates,
            Coordinates = asked.Coordinates,
            Unit = asked.Unit,
            ScoresTensor = asked.ScoresTensor,
            CountTensor = asked.CountTensor,
            Objectness = asked.Objectness,
            Background = asked.Background,
            ScoreMin = asked.ScoreMin,
            IouMax = asked.IouMax,
            BoxesMax = asked.BoxesMax,
        };
    }

    private static ValueInfoProto Named(ModelRequest request, GraphProto graph, string? name) => name is null
        ? graph.Output[0]
        : graph.Output.FirstOrDefault(o => o.Name == name)
            ?? throw new PackException($"{request.Float} has no output '{name}'; it has {string.Join(", ", graph.Output.Select(o => o.Name))}.");

    private static void CheckLabels(ModelRequest request, ValueInfoProto output, IReadOnlyList<string> labels)
    {
        var dims = DimsOf(output);
        if (dims.Count == 0 || dims.Skip(1).Any(d => d <= 0)) return;
        var count = dims.Skip(1).Aggregate(1L, (product, dim) => product * dim);
        if (count != labels.Count)
            throw new PackException($"{request.Labels ?? $"The class folders of {request.Data}"} {(request.Labels is null ? "give" : "has")} {labels.Count} labels, but {request.Float} gives {count} outputs. Give one label for each output.");
    }

    // 0 for a dimension that the file leaves open.
    private static List<long> DimsOf(ValueInfoProto tensor) => [.. (tensor.Type?.TensorType?.Shape?.Dim ?? []).Select(d => d.DimValue)];
}
