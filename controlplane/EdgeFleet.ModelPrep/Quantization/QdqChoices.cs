namespace EdgeFleet.ModelPrep.Quantization;

/// <summary>What was chosen for one int8 form of a model.</summary>
internal sealed record QdqChoices
{
    /// <summary>Everything in int8 for a CPU.</summary>
    public static QdqChoices Default { get; } = new();

    /// <summary>What the file is for.</summary>
    public QuantizationTarget Target { get; init; }

    /// <summary>Tensors that stay float, and with them the nodes that read or make them.</summary>
    public IReadOnlySet<string> Float { get; init; } = new HashSet<string>();

    /// <summary>What is added to the bias of a node, by its output and by channel.</summary>
    public IReadOnlyDictionary<string, float[]> BiasShifts { get; init; } = new Dictionary<string, float[]>();

    /// <summary>Factors by which weights are rounded with error feedback, by output of the layer; layers without are rounded to the nearest.</summary>
    public IReadOnlyDictionary<string, WeightFactors> Factors { get; init; } = new Dictionary<string, WeightFactors>();

    /// <summary>Writes less where ONNX Runtime does not need it: convolutions keep float biases, which it quantizes as it loads, and weights without zero points.</summary>
    public bool IsCompact { get; init; }
}
