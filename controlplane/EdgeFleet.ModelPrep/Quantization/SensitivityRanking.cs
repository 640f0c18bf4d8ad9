using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>One activation, with the tensors that share its scale, and what rounding it alone does.</summary>
/// <param name="Name">The tensor whose range it is.</param>
/// <param name="Tensors">All of them.</param>
/// <param name="Divergence">What rounding them alone does to the answers.</param>
internal sealed record RankedTensor(string Name, IReadOnlyList<string> Tensors, double Divergence);

/// <summary>
/// Ranks activations by rounding one at a time in an otherwise float model. Judged by divergence: whether answers are equal is too coarse on a few samples.
/// </summary>
internal static class SensitivityRanking
{
    private const int SamplesMax = 48;
    private const int AtOnce = 8;

    /// <summary>The activations of the int8 form, the worst first.</summary>
    public static IReadOnlyList<RankedTensor> Run(QuantizeWork work, ActivationRanges ranges)
    {
        var plan = new QdqPlan(work.Model.Graph, new QdqChoices { Target = work.Request.Target });
        var groups = plan.Tensors.GroupBy(plan.ScaleSource).OrderBy(g => g.Key, StringComparer.Ordinal).ToList();
        work.Steps.Expect(groups.Count);
        var ranked = new List<RankedTensor>();
        foreach (var some in groups.Chunk(AtOnce))
        {
            var rounded = some.Select(g => OnnxFile.Bytes(Rounded(work.Model, [.. g], Range(ranges, g.Key), work.Request.Target))).ToList();
            // As written: the optimizer would take the pairs for an int8 model with float weights, and quantize those by itself.
            var scores = work.Scorer.Of(rounded, work.Validation, isOptimized: false, SamplesMax, work.Cancel);
            ranked.AddRange(some.Zip(scores, (g, s) => new RankedTensor(g.Key, [.. g], s.Divergence)));
            foreach (var group in some) work.Steps.Next($"sensitivity of {group.Key}");
        }

        return [.. ranked.OrderByDescending(r => r.Divergence)];
    }

    private static ActivationRange Range(ActivationRanges ranges, string tensor) => ranges.TryGet(tensor, out var range) ? range : ActivationRange.Empty;

    private static ModelProto Rounded(ModelProto model, HashSet<string> tensors, ActivationRange range, QuantizationTarget target)
    {
        var rounded = model.Clone();
        var names = new UniqueNames(rounded.Graph);
        var parameters = QuantizationParameters.ForActivation(range, target);
        string scale = names.Take("rounding_scale"), zeroPoint = names.Take("rounding_zero_point");
        rounded.Graph.Initializer.Add(Tensors.Floats(scale, [parameters.Scale]));
        rounded.Graph.Initializer.Add(target == QuantizationTarget.Cpu ? Tensors.UnsignedBytes(zeroPoint, [(byte)parameters.ZeroPoint]) : Tensors.SignedBytes(zeroPoint, [0]));

        var outputs = rounded.Graph.Output.Select(o => o.Name).ToHashSet();
        var nodes = new List<NodeProto>();
        var read = tensors.ToDictionary(t => t, t => outputs.Contains(t) ? t : names.Take($"{t}_rounded"));
        foreach (var tensor in tensors.Where(t => model.Graph.Input.Any(i => i.Name == t))) AddPair(tensor, tensor);
        foreach (var node in rounded.Graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++)
                if (read.TryGetValue(node.Input[i], out var instead)) node.Input[i] = instead;
            nodes.Add(node);
            for (var i = 0; i < node.Output.Count; i++)
            {
                if (!tensors.Contains(node.Output[i])) continue;
                var output = node.Output[i];
                if (outputs.Contains(output)) node.Output[i] = names.Take($"{output}_exact");
                AddPair(output, node.Output[i]);
            }
        }

        rounded.Graph.Node.Clear();
        rounded.Graph.Node.Add(nodes);
        return rounded;

        void AddPair(string tensor, string source)
        {
            var quantized = names.Take($"{tensor}_rounded_integers");
            nodes.Add(GraphBuilder.NewNode("QuantizeLinear", [source, scale, zeroPoint], quantized));
            nodes.Add(GraphBuilder.NewNode("DequantizeLinear", [quantized, scale, zeroPoint], read[tensor]));
        }
    }
}
