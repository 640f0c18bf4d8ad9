using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>Watches the inputs of all layers over calibration samples and makes the factors by which their weights are rounded. Memory and time have limits: layers beyond them are rounded to the nearest.</summary>
internal static class WeightFactorCollector
{
    private const int SamplesMax = 48;
    private const int PlacesMax = 48;
    private const int SizeMax = 640;
    private const long BytesMax = 48L * 1024 * 1024;

    /// <summary>The factors, by output of the layer.</summary>
    public static IReadOnlyDictionary<string, WeightFactors> Run(ModelProto model, IReadOnlyList<NodeProto> layers, SampleFeed feed, SampleSpool samples, CancellationToken cancel)
    {
        var index = new GraphIndex(model.Graph);
        var patches = Chosen(layers, index);
        if (patches.Count == 0) return new Dictionary<string, WeightFactors>();

        var moments = patches.ConvertAll(p => Enumerable.Range(0, p.Groups).Select(_ => new double[p.Size * p.Size]).ToArray());
        using var watch = new TensorWatch(model, patches.Select(p => p.Input).Distinct(), feed);
        var readers = watch.Tensors.Select(t => Enumerable.Range(0, patches.Count).Where(p => patches[p].Input == t).ToArray()).ToArray();
        foreach (var sample in samples.Read(SamplesMax))
        {
            cancel.ThrowIfCancellationRequested();
            watch.Run(sample.Tensor, (tensor, shape, values) =>
            {
                foreach (var layer in readers[tensor])
                    patches[layer].Visit(shape, values, PlacesMax, (group, patch) => Add(moments[layer][group], patch));
            });
        }

        return patches.Select((p, i) => (p.Output, Factors: WeightFactors.Of(p.Size, moments[i])))
            .Where(f => f.Factors is not null).ToDictionary(f => f.Output, f => f.Factors!);
    }

    private static List<LayerPatches> Chosen(IReadOnlyList<NodeProto> layers, GraphIndex index)
    {
        var (chosen, bytes) = (new List<LayerPatches>(), 0L);
        foreach (var layer in layers)
        {
            if (LayerPatches.Of(layer, index.Constant(layer.Input[1])!) is not { Size: <= SizeMax } patches) continue;
            bytes += sizeof(double) * (long)patches.Groups * patches.Size * patches.Size;
            if (bytes > BytesMax) break;
            chosen.Add(patches);
        }

        return chosen;
    }

    private static void Add(double[] moments, ReadOnlySpan<float> patch)
    {
        for (var i = 0; i < patch.Length; i++)
        {
            double value = patch[i];
            if (value == 0 || !double.IsFinite(value)) continue;
            var row = moments.AsSpan(i * patch.Length, patch.Length);
            for (var j = 0; j < patch.Length; j++) row[j] += value * patch[j];
        }
    }
}
