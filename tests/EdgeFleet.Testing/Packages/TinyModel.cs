namespace EdgeFleet.Testing.Packages;

/// <summary>
/// A real ONNX classifier of a few hundred bytes, built on the spot: it averages each channel (the amount of each channel for a series) and takes the largest.
/// A picture that is mostly red is answered <c>red</c>. Faults of field models can be built in.
/// </summary>
public sealed record TinyModel
{
    /// <summary>Shape of a sample without the batch: <c>[3, H, W]</c> or <c>[C, T]</c>.</summary>
    public required long[] Shape { get; init; }

    /// <summary>Added to the outputs: a large value for one label makes a collapsed model.</summary>
    public float[]? Bias { get; init; }

    /// <summary>Factor of the means: how sure the model is.</summary>
    public float Gain { get; init; } = 20;

    /// <summary>Rounds of a loop that changes nothing: about a microsecond each, to make a slow or hanging model.</summary>
    public long Rounds { get; init; }

    /// <summary>Megabytes that a run takes in passing.</summary>
    public int AllocateMb { get; init; }

    /// <summary>Answer with values that are not numbers.</summary>
    public bool NotANumber { get; init; }

    /// <summary>Samples that a run takes, no more and no fewer; 0 leaves it open.</summary>
    public int Batch { get; init; }

    /// <summary>Weights that nothing reads, to make the file large: so many floats of a seed. None by default.</summary>
    public (int Floats, int Seed) Ballast { get; init; }

    /// <summary>Opset that the file claims.</summary>
    public int Opset { get; init; } = 13;

    /// <summary>For pictures of a side in pixels: red, green, blue.</summary>
    public static TinyModel OfColours(int side = 8) => new() { Shape = [3, side, side] };

    /// <summary>For windows of readings: which channel has the largest mean amount.</summary>
    public static TinyModel OfSeries(int channels, int length) => new() { Shape = [channels, length] };

    /// <summary>The ONNX file: input <c>input</c>, output <c>output</c>, a label a channel.</summary>
    public byte[] Build()
    {
        var channels = Shape[0];
        var graph = new OnnxBytes()
            .Message(1, OnnxBytes.Node("Abs", ["input"], ["amounts"]))
            .Message(1, OnnxBytes.Node("ReduceMean", ["amounts"], ["means"], OnnxBytes.Ints("axes", [.. Enumerable.Range(2, Shape.Length - 1).Select(i => (long)i)]), OnnxBytes.Int("keepdims", 0)))
            .Message(1, OnnxBytes.Node("Gemm", ["means", "weights", "bias"], ["logits"]))
            .Text(2, "tiny")
            .Message(5, OnnxBytes.Floats("weights", [channels, channels], Diagonal((int)channels)))
            .Message(5, OnnxBytes.Floats("bias", [channels], NotANumber ? [.. Enumerable.Repeat(float.NaN, (int)channels)] : Bias ?? new float[channels]));

        if (Ballast.Floats > 0)
            graph.Message(5, OnnxBytes.Floats("ballast", [Ballast.Floats], Random(Ballast.Floats, Ballast.Seed)));

        var last = Loop(graph, Allocation(graph, "logits"), channels);
        graph.Message(1, OnnxBytes.Node("Identity", [last], ["output"]))
            .Message(11, OnnxBytes.Value("input", 1, [Batch, .. Shape]))
            .Message(12, OnnxBytes.Value("output", 1, Batch, channels));
        return new OnnxBytes()
            .Number(1, 8)
            .Text(2, "edgefleet-tests")
            .Message(7, graph)
            .Message(8, new OnnxBytes().Text(1, "").Number(2, Opset))
            .ToArray();
    }

    private float[] Diagonal(int channels)
    {
        var weights = new float[channels * channels];
        for (var i = 0; i < channels; i++)
            weights[i * channels + i] = Gain;
        return weights;
    }

    private string Allocation(OnnxBytes graph, string value)
    {
        if (AllocateMb == 0)
            return value;

        // The size comes from the input's own values, so that it cannot be folded away when the model is loaded.
        graph.Message(5, OnnxBytes.Longs("floats", [1], AllocateMb * 262_144L))
            .Message(5, OnnxBytes.Floats("none", [1], 0))
            .Message(1, OnnxBytes.Node("ReduceMean", ["input"], ["one"], OnnxBytes.Int("keepdims", 0)))
            .Message(1, OnnxBytes.Node("Expand", ["one", "floats"], ["large"]))
            .Message(1, OnnxBytes.Node("Exp", ["large"], ["larger"]))
            .Message(1, OnnxBytes.Node("ReduceMean", ["larger"], ["small"], OnnxBytes.Int("keepdims", 0)))
            .Message(1, OnnxBytes.Node("Mul", ["small", "none"], ["nothing"]))
            .Message(1, OnnxBytes.Node("Add", [value, "nothing"], ["allocated"]));
        return "allocated";
    }

    private string Loop(OnnxBytes graph, string value, long channels)
    {
        if (Rounds == 0)
            return value;

        var body = new OnnxBytes()
            .Message(1, OnnxBytes.Node("Identity", ["go"], ["goOn"]))
            .Message(1, OnnxBytes.Node("Identity", ["before"], ["after"]))
            .Text(2, "round")
            .Message(11, OnnxBytes.Value("round", 7))
            .Message(11, OnnxBytes.Value("go", 9))
            .Message(11, OnnxBytes.Value("before", 1, 0, channels))
            .Message(12, OnnxBytes.Value("goOn", 9))
            .Message(12, OnnxBytes.Value("after", 1, 0, channels));
        graph.Message(5, OnnxBytes.Longs("rounds", [], Rounds))
            .Message(5, OnnxBytes.Truth("always", true))
            .Message(1, OnnxBytes.Node("Loop", ["rounds", "always", value], ["looped"], OnnxBytes.Graph("body", body)));
        return "looped";
    }

    private static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => BitConverter.UInt32BitsToSingle((uint)random.NextInt64(uint.MaxValue)))];
    }
}
