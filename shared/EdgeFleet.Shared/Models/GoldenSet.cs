using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Shared.Models;

/// <summary>Inputs with the answers that the float model gave, so that any machine can tell whether a variant still says the same.</summary>
public sealed record GoldenSet
{
    /// <summary>Prepared tensors of the items without <see cref="GoldenItem.Prepared"/>, one after another, little-endian float32; null when every item is prepared from its source.</summary>
    public FileRef? Tensors { get; init; }

    /// <summary>Least agreement with the float model, 0 to 1: the share of items with its answer; for boxes the F1 of those that match.</summary>
    public required double LeastAgreement { get; init; }

    /// <summary>Largest mean change of the confidence in the float model's answer.</summary>
    public required double ProbabilityTolerance { get; init; }

    /// <summary>The items.</summary>
    public required IReadOnlyList<GoldenItem> Items { get; init; }
}

/// <summary>One input with the answer expected for it.</summary>
public sealed record GoldenItem
{
    /// <summary>The source file as it came (JPEG, PNG, CSV); null when only the tensor is shipped.</summary>
    public FileRef? Source { get; init; }

    /// <summary>How the source's tensor must look: then the tensor itself is not shipped but prepared where it is needed.</summary>
    public PreparedTensor? Prepared { get; init; }

    /// <summary>True label's index, for people; the expected answer is the float model's, right or wrong. -1 where no label is known or one does not say it.</summary>
    public required int Label { get; init; }

    /// <summary>Raw outputs of the float model, for one label of several.</summary>
    public IReadOnlyList<float> Expected { get; set; } = [];

    /// <summary>Boxes of the float model, for object detection.</summary>
    public IReadOnlyList<Box> Boxes { get; set; } = [];

    /// <summary>Score of the float model, for an anomaly score.</summary>
    public double Score { get; set; }

    /// <summary>The expected answer.</summary>
    internal KeptAnswer Answer => new() { Outputs = Expected, Boxes = Boxes, Score = Score };
}

/// <summary>What tells a fault of the preparation from one of the model without shipping the tensor: its hash, and a few of its values for machines that decode a photo a shade otherwise.</summary>
public sealed record PreparedTensor
{
    /// <summary>SHA-256 of the tensor as little-endian float32.</summary>
    public required Sha256Digest Digest { get; init; }

    /// <summary>Some of its values, at places that follow from their number; little-endian float32.</summary>
    public required byte[] Values { get; init; }
}
