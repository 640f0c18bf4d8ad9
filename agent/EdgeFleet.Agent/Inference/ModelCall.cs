namespace EdgeFleet.Agent.Inference;

/// <summary>
/// A question of another program on the board to a slot's model. It goes through the same model as the slot's samples, on the slot's thread, and is seen by no
/// observer: it says nothing of what the slot's source shows.
/// </summary>
/// <param name="model">The model that the input was made for.</param>
/// <param name="askedAt">When it came, in ticks of the injected clock's timestamp.</param>
internal sealed class ModelCall(LoadedModel model, long askedAt)
{
    private readonly TaskCompletionSource<CallAnswer> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The model that the input was made for.</summary>
    public LoadedModel Model => model;

    /// <summary>When it came.</summary>
    public long AskedAt => askedAt;

    /// <summary>The input tensor; null when <see cref="Sample"/> is to be prepared.</summary>
    public float[]? Tensor { get; init; }

    /// <summary>A sample to be prepared as the slot's own are; null when <see cref="Tensor"/> is given.</summary>
    public Sample? Sample { get; init; }

    /// <summary>Completes with the answer.</summary>
    public Task<CallAnswer> Answer => _answer.Task;

    /// <summary>Gives the answer; a second one is left out.</summary>
    public void End(CallAnswer answer) => _answer.TrySetResult(answer);
}
