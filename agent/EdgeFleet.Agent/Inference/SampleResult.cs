using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Answers;

namespace EdgeFleet.Agent.Inference;

/// <summary>What became of one sample. Observers get it on the slot's own thread, in order; sample and answer are theirs until they return, and what they keep they copy.</summary>
internal readonly ref struct SampleResult
{
    /// <summary>Slot.</summary>
    public required SlotName Slot { get; init; }

    /// <summary>The sample.</summary>
    public required Sample Sample { get; init; }

    /// <summary>The model that answered, or failed to.</summary>
    public required LoadedModel Model { get; init; }

    /// <summary>What the model says; null when it failed. The same object for every sample.</summary>
    public Answer? Answer { get; init; }

    /// <summary>Feature values of the input in the order of <see cref="ImageFeatures.All"/> for an image; empty for a series, whose readings are in the sample.</summary>
    public ReadOnlySpan<double> Features { get; init; }

    /// <summary>Where the time went, in microseconds.</summary>
    public required StageTimes Times { get; init; }

    /// <summary>Why it failed; null when it was answered.</summary>
    public string? Error { get; init; }

    /// <summary>True when the failure is the sample's (a damaged image), not the model's.</summary>
    public bool IsInputFault { get; init; }

    /// <summary>The label that the answer comes down to; -1 when it failed, or found no box.</summary>
    public int Label => Answer?.Label ?? -1;

    /// <summary>Confidence of the answer; 0 when it failed.</summary>
    public float Confidence => Answer?.Confidence ?? 0;
}

/// <summary>Where the time of a sample went, in microseconds.</summary>
internal readonly record struct StageTimes(long QueueUs, long PrepareUs, long InferUs, long PostUs);

/// <summary>Looks at every result of a slot: statistics, alerts.</summary>
internal interface ISampleObserver
{
    /// <summary>Takes a result in. Must be quick and must not throw.</summary>
    void Observe(in SampleResult result);
}
