namespace EdgeFleet.ModelPrep.Inspecting;

/// <summary>What stands in an ONNX file.</summary>
public sealed record ModelSheet
{
    /// <summary>File name.</summary>
    public required string File { get; init; }

    /// <summary>Bytes of the file.</summary>
    public required long Size { get; init; }

    /// <summary>SHA-256 of the file.</summary>
    public required string Digest { get; init; }

    /// <summary>The tool that wrote it, as it says.</summary>
    public required string Producer { get; init; }

    /// <summary>Version of the ONNX format.</summary>
    public required long IrVersion { get; init; }

    /// <summary>Opsets by domain; the standard one is <c>ai.onnx</c>.</summary>
    public required IReadOnlyDictionary<string, long> Opsets { get; init; }

    /// <summary>Inputs, without those that initializers fill.</summary>
    public required IReadOnlyList<TensorSheet> Inputs { get; init; }

    /// <summary>Outputs.</summary>
    public required IReadOnlyList<TensorSheet> Outputs { get; init; }

    /// <summary>Operators by name with their number, those in bodies of loops and branches too.</summary>
    public required IReadOnlyDictionary<string, int> Operators { get; init; }

    /// <summary>Whether it has integers in it.</summary>
    public required bool IsQuantized { get; init; }

    /// <summary>Whether its weights lie in other files beside it.</summary>
    public required bool HasExternalWeights { get; init; }

    /// <summary>Values of constants by type.</summary>
    public required IReadOnlyDictionary<string, long> Values { get; init; }

    /// <summary>Layers with weights, in order.</summary>
    public required IReadOnlyList<LayerSheet> Layers { get; init; }

    /// <summary>What the file says of itself, for example what it was quantized from.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>What keeps it from a board, or will be asked for, with what to do; one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>An input or output.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Type of its values.</param>
/// <param name="Shape">Its shape; a dimension that the file leaves open has its name or <c>?</c>.</param>
public sealed record TensorSheet(string Name, string Type, IReadOnlyList<string> Shape)
{
    /// <summary>For example <c>input float [N, 3, 224, 224]</c>.</summary>
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Shape)}]";
}

/// <summary>A layer with weights.</summary>
/// <param name="Name">Name of its node, or of its output where it has none.</param>
/// <param name="Operator">Its operator.</param>
/// <param name="Shape">Shape of its weights.</param>
/// <param name="Type">Type in which they are kept.</param>
/// <param name="Min">Least weight.</param>
/// <param name="Max">Greatest weight.</param>
public sealed record LayerSheet(string Name, string Operator, IReadOnlyList<long> Shape, string Type, float Min, float Max);
