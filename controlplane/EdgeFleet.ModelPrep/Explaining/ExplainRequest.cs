using EdgeFleet.ModelPrep.Packing;

namespace EdgeFleet.ModelPrep.Explaining;

/// <summary>What <see cref="ModelExplainer"/> is asked.</summary>
public sealed record ExplainRequest : ModelRequest
{
    /// <summary>The photo.</summary>
    public required string Image { get; init; }

    /// <summary>The model: an ONNX file, or the folder of a package.</summary>
    public required string Model { get; init; }

    /// <summary>The package's variant; null takes its first for CPUs.</summary>
    public string? Variant { get; init; }

    /// <summary>The label asked about; null asks about the model's answer.</summary>
    public string? Label { get; init; }

    /// <summary>Cells along the longer side.</summary>
    public int Cells { get; init; } = EdgeFleet.Shared.Models.Explaining.Occlusion.DefaultCells;
}
