using EdgeFleet.ModelPrep.Onnx;

namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>
/// Takes out output channels of convolutions that are the same for every calibration sample: what such a channel adds behind it goes into the next bias. Only along plain chains
/// (activations, pools, depthwise convolutions) up to the next layer; where branches meet, channels depend on one another and stay.
/// </summary>
internal static class DeadChannels
{
    // Of the tensor's own range: below it a channel is the same for every sample.
    private const double StillShare = 1e-3;

    /// <summary>A copy without dead channels, and how many were taken out, by layer.</summary>
    public static (ModelProto Model, IReadOnlyDictionary<string, int> Removed) Remove(ModelProto model, SampleFeed feed, SampleSpool samples, CancellationToken cancel)
    {
        var slim = model.Clone();
        var chains = slim.Graph.Node.Select(n => ChannelChain.From(n, new GraphIndex(slim.Graph))).Where(c => c is not null).Select(c => c!).ToList();
        var removed = new SortedDictionary<string, int>(StringComparer.Ordinal);
        if (chains.Count == 0) return (model, removed);

        var seen = Watch(model, chains, feed, samples, cancel);
        var names = new UniqueNames(slim.Graph);
        for (var i = 0; i < chains.Count; i++)
        {
            var values = seen[chains[i].Read];
            var dead = values.Still(StillShare, allowsValue: !chains[i].PadsReader);
            // One channel stays, or there would be no tensor.
            if (dead.Count == values.Count) dead.Remove(dead.Keys.First());
            if (dead.Count == 0) continue;
            chains[i].Cut(slim.Graph, names, dead);
            removed[chains[i].Layer.Output[0]] = dead.Count;
        }

        slim.Graph.ValueInfo.Clear();
        var read = slim.Graph.Node.SelectMany(GraphWalk.Reads).ToHashSet();
        foreach (var unread in slim.Graph.Initializer.Where(t => !read.Contains(t.Name)).ToList()) slim.Graph.Initializer.Remove(unread);
        return removed.Count > 0 ? (slim, removed) : (model, removed);
    }

    private static Dictionary<string, ChannelRanges> Watch(ModelProto model, List<ChannelChain> chains, SampleFeed feed, SampleSpool samples, CancellationToken cancel)
    {
        using var watch = new TensorWatch(model, chains.Select(c => c.Read).Distinct(), feed);
        var ranges = watch.Tensors.Select(_ => new ChannelRanges()).ToList();
        foreach (var sample in samples.Read())
        {
            cancel.ThrowIfCancellationRequested();
            watch.Run(sample.Tensor, (i, shape, values) => ranges[i].Add(shape, values));
        }

        return watch.Tensors.Select((name, i) => (name, i)).ToDictionary(t => t.name, t => ranges[t.i]);
    }
}

/// <summary>Least and greatest value of every channel of one tensor.</summary>
internal sealed class ChannelRanges
{
    private ActivationRange[] _ranges = [];

    /// <summary>Channels.</summary>
    public int Count => _ranges.Length;

    /// <summary>Adds one sample's values; channels lie on axis 1.</summary>
    public void Add(long[] shape, ReadOnlySpan<float> values)
    {
        var channels = (int)shape[1];
        if (_ranges.Length == 0) _ranges = [.. Enumerable.Repeat(ActivationRange.Empty, channels)];
        var inner = values.Length / channels;
        for (var c = 0; c < channels; c++) _ranges[c] = _ranges[c].With(values.Slice(c * inner, inner));
    }

    /// <summary>The channels that stand still, with their value.</summary>
    public SortedDictionary<int, float> Still(double share, bool allowsValue)
    {
        var whole = _ranges.Aggregate((a, b) => new ActivationRange(Math.Min(a.Min, b.Min), Math.Max(a.Max, b.Max)));
        var limit = share * Math.Max((double)whole.Max - whole.Min, 1e-30);
        return new SortedDictionary<int, float>(_ranges.Select((r, c) => (Channel: c, Range: r, Value: (r.Min + r.Max) / 2))
            .Where(c => (double)c.Range.Max - c.Range.Min <= limit && (allowsValue || Math.Abs(c.Value) <= limit))
            .ToDictionary(c => c.Channel, c => c.Value));
    }
}
