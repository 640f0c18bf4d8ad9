using EdgeFleet.ModelPrep.Packing;

namespace EdgeFleet.ModelPrep.Evaluating;

/// <summary>What <see cref="ModelComparer"/> is asked to measure. <see cref="ModelRequest.Float"/> is the file whose inputs and outputs give the rest of the request its form.</summary>
public sealed record EvaluateRequest : ModelRequest
{
    /// <summary>ONNX files, and folders of packages, whose variants are taken with the preparation that their manifest states.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>The float model that the others' answers are held against; null takes the first float file among <see cref="Models"/>, or none.</summary>
    public string? Reference { get; init; }

    /// <summary><c>train</c>, <c>val</c>, <c>test</c>, or <c>all</c>.</summary>
    public string Split { get; init; } = "test";

    /// <summary>What quality is compared by: <c>folder</c> (folders below those of the classes), a column of a table in the data, or an image feature in thirds; null chooses.</summary>
    public IReadOnlyList<string>? Segments { get; init; }

    /// <summary>Blocks of runs that latency is measured in; 0 leaves it out.</summary>
    public int LatencyBlocks { get; init; } = 11;
}
