using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Inference;

/// <summary>How a slot uses its model.</summary>
/// <param name="Threads">Threads of a run.</param>
/// <param name="Batch">Samples of a run at most.</param>
/// <param name="Values">Values of this place by name, for models with further inputs.</param>
internal sealed record ModelUse(int Threads, int Batch = 1, IReadOnlyDictionary<string, float>? Values = null);

/// <summary>What an update sees of a running slot: which model serves, and the operations that change it.</summary>
internal interface IModelHost
{
    /// <summary>Slot.</summary>
    SlotName Slot { get; }

    /// <summary>What its source gives: <c>image</c> or <c>series</c>, as in a manifest's input.</summary>
    string InputKind { get; }

    /// <summary>Threads that a run of its model may use.</summary>
    int Threads { get; }

    /// <summary>How a model is loaded for it.</summary>
    ModelUse Use => new(Threads);

    /// <summary>Share of samples that a candidate answers beside the model that serves; 0 for none.</summary>
    double ShadowShare => 0;

    /// <summary>Model that serves; null while there is none.</summary>
    LoadedModel? Active { get; }

    /// <summary>Where every sample went since the process began.</summary>
    SampleCounts Counts { get; }

    /// <summary>
    /// Puts another model in place: one reference changes, samples in flight finish on the old one, none is lost. Completes when the old
    /// one is idle and returns it, still loaded, to be kept for a return or disposed by the caller. The token is looked at before the change only.
    /// </summary>
    Task<LoadedModel?> SwapAsync(LoadedModel? next, CancellationToken cancel);

    /// <summary>Takes rates and thresholds from desired state; they act within the bounds of board and manifest. Null goes back to the defaults.</summary>
    void Tune(SlotSettings? settings);
}
