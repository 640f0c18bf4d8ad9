namespace EdgeFleet.Shared.Models;

/// <summary>Inputs with the answers that the float model gave, so that any machine can tell whether a variant still says the same.</summary>
public sealed record GoldenSet
{
    /// <summary>Prepared tensors one after another: <c>Items.Count x input elements</c> little-endian float32.</summary>
    public required FileRef Tensors { get; init; }

    /// <summary>Least share of items whose answer must be the float model's, 0 to 1.</summary>
    public required double LeastAgreement { get; init; }

    /// <summary>Largest mean change of the probability of the float model's answer.</summary>
    public required double ProbabilityTolerance { get; init; }

    /// <summary>The items, in the order of the tensors.</summary>
    public required IReadOnlyList<GoldenItem> Items { get; init; }
}

/// <summary>One input with the answer expected for it.</summary>
public sealed record GoldenItem
{
    /// <summary>The source file as it came (JPEG, PNG, CSV), to check the preparation itself; null when only the tensor is shipped.</summary>
    public FileRef? Source { get; init; }

    /// <summary>True label's index, for people; the expected answer is the float model's, right or wrong.</summary>
    public required int Label { get; init; }

    /// <summary>Raw outputs of the float model.</summary>
    public required IReadOnlyList<float> Expected { get; init; }
}
