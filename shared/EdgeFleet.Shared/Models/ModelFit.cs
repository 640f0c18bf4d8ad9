using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Shared.Models;

/// <summary>The tensors that a session binds, by what the manifest names and the ONNX file says of itself.</summary>
/// <param name="Inputs">The sample's input, then the values' inputs; shapes for one sample.</param>
/// <param name="Outputs">Outputs in the order in which an answer is made of them.</param>
/// <param name="Batch">Samples of one run: up to so many, or exactly so many when <paramref name="IsFixed"/>.</param>
/// <param name="IsFixed">True when the file fixes its batch.</param>
internal sealed record ModelFit(IReadOnlyList<(string Tensor, long[] Shape)> Inputs, IReadOnlyList<(string Tensor, long[] Shape)> Outputs, int Batch, bool IsFixed)
{
    /// <summary>Checks names, types and shapes.</summary>
    /// <exception cref="ModelLoadException">The file does not fit the manifest.</exception>
    public static ModelFit Of(InferenceSession session, string file, InputSpec input, OutputSpec output, int batchAsked)
    {
        (string Tensor, long[] Shape)[] inputs = [(input.Tensor, input.Shape), .. input.Values.Select(v => (v.Tensor, new long[] { 1, v.Names.Count }))];
        if (session.InputMetadata.Count != inputs.Length || inputs.Any(i => !session.InputMetadata.ContainsKey(i.Tensor)))
            throw new ModelLoadException($"{file} has inputs {string.Join(", ", session.InputMetadata.Keys)}; the manifest names {string.Join(", ", inputs.Select(i => $"'{i.Tensor}'"))} alone.");

        var outputs = output.Tensors(input);
        if (outputs.FirstOrDefault(o => !session.OutputMetadata.ContainsKey(o.Tensor)).Tensor is { } absent)
            throw new ModelLoadException($"{file} has outputs {string.Join(", ", session.OutputMetadata.Keys)}; the manifest names '{absent}'.");

        var fittedIn = inputs.Select(i => (i.Tensor, ShapeOf(session.InputMetadata[i.Tensor], i, file, "takes", isExact: true))).ToList();
        var fittedOut = outputs.Select(o => (o.Tensor, ShapeOf(session.OutputMetadata[o.Tensor], o, file, "gives", isExact: outputs.Count > 1 || output.Boxes is not null))).ToList();
        var (batch, isFixed) = BatchOf([.. inputs.Select(i => session.InputMetadata[i.Tensor]), .. outputs.Select(o => session.OutputMetadata[o.Tensor])], batchAsked);
        return batch >= 1
            ? new ModelFit(fittedIn, fittedOut, batch, isFixed)
            : throw new ModelLoadException($"{file} takes {session.InputMetadata[input.Tensor].Dimensions[0]} samples at once; {batchAsked} are given.");
    }

    // The batch is free in all tensors, or the same number in all, or it is one.
    private static (int Batch, bool IsFixed) BatchOf(IReadOnlyList<NodeMetadata> tensors, int asked)
    {
        var first = tensors.Select(t => t.Dimensions is [var d, ..] ? Math.Max(d, 0) : 1).ToList();
        if (first.All(d => d == 0))
            return (asked, false);
        if (first[0] > 1)
            return first.All(d => d == first[0]) && first[0] <= asked ? (first[0], true) : (0, true);
        return (1, false);
    }

    private static long[] ShapeOf(NodeMetadata given, (string Tensor, long[] Shape) wanted, string file, string verb, bool isExact)
    {
        if (given.ElementType != typeof(float))
            throw new ModelLoadException($"{file} {verb} {given.ElementType.Name} in '{wanted.Tensor}'; float is expected.");

        var (dims, shape) = (given.Dimensions, wanted.Shape);
        if (dims.Length == shape.Length && !dims.Where((d, i) => i > 0 && d > 0 && d != shape[i]).Any())
            return shape;

        // The same values in another shape, [N, 5, 1, 1] for [N, 5], are told apart by nothing but that.
        var elements = shape.Aggregate(1L, (a, d) => a * d);
        var isBatched = dims.Length > 1 || elements == 1;
        if (!isExact && dims.Skip(isBatched ? 1 : 0).Aggregate(1L, (a, d) => a * Math.Max(d, 1)) == elements)
            return isBatched ? [1, .. dims.Skip(1).Select(d => (long)Math.Max(d, 1))] : [elements];
        if (isExact && elements == 1 && dims.Length == 1)
            return [1];

        throw new ModelLoadException($"{file} {verb} [{string.Join(", ", dims)}] in '{wanted.Tensor}'; the manifest gives [{string.Join(", ", shape)}].");
    }
}
