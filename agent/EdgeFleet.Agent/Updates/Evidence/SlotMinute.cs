using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>Features of the inputs of some samples: mean and standard deviation of each, in the order of the source's kind.</summary>
/// <param name="Samples">Samples.</param>
/// <param name="Means">Means.</param>
/// <param name="Deviations">Standard deviations over the samples.</param>
internal sealed record InputSummary(long Samples, IReadOnlyList<double> Means, IReadOnlyList<double> Deviations)
{
    /// <summary>True for windows of readings, false for pictures: some series have as many features as a picture.</summary>
    public bool IsSeries { get; init; }
}

/// <summary>A minute row with what the board knows of that minute besides.</summary>
/// <param name="Row">The row.</param>
internal sealed record SlotMinute(MinuteRow Row)
{
    /// <summary>Answers by label, for object detection boxes; empty where nothing was answered or there are too many labels.</summary>
    public IReadOnlyList<long> Mix { get; init; } = [];

    /// <summary>Stands for the list of labels; empty where it is not known.</summary>
    public string Labels { get; init; } = "";

    /// <summary>The inputs; null where they are not known.</summary>
    public InputSummary? Inputs { get; init; }

    /// <summary>Anonymous memory of the process at its end, in kB; 0 where it is not known.</summary>
    public long AnonKb { get; init; }

    /// <summary>Models that were in memory.</summary>
    public int OpenModels { get; init; }

    /// <summary>Stands for the process that measured: another one's memory begins anew.</summary>
    public long Process { get; init; }
}
