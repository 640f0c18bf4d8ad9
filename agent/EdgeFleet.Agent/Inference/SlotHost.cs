using EdgeFleet.Agent.Sources;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Messages;

namespace EdgeFleet.Agent.Inference;

/// <summary>One slot of this board: its options, its queue, its model, and what has been tuned from afar.</summary>
internal sealed class SlotHost : IModelHost
{
    private readonly SlotOptions _options;
    private volatile SlotSettings _settings = new();
    private double _rateFactor = 1;

    /// <summary>A slot of the board's configuration.</summary>
    public SlotHost(SlotOptions options)
    {
        // Beside the samples in the queue one is with the source, and one or a batch in the model.
        (_options, Samples) = (options, new SamplePool(options.QueueLength + 1 + options.Batch.Max));
        Queue = new SampleQueue(options.QueueLength, Samples);
    }

    /// <inheritdoc/>
    public SlotName Slot => _options.Name;

    /// <inheritdoc/>
    public string InputKind => _options.Source.InputKind;

    /// <inheritdoc/>
    public int Threads => _options.Threads;

    /// <inheritdoc/>
    public ModelUse Use => new(Threads, _options.Batch.Max, _options.Values);

    /// <summary>What the board's configuration says.</summary>
    public SlotOptions Options => _options;

    /// <summary>Samples on their way to the model.</summary>
    public SampleQueue Queue { get; }

    /// <summary>What its source did.</summary>
    public SourceCounters SourceCounters { get; } = new();

    /// <summary>What its thread is at.</summary>
    public SlotProgress Progress { get; } = new();

    /// <summary>Samples that nobody holds.</summary>
    public SamplePool Samples { get; }

    /// <summary>The model that serves.</summary>
    public ModelLease Lease { get; } = new();

    /// <inheritdoc/>
    public LoadedModel? Active => Lease.Active;

    /// <inheritdoc/>
    public SampleCounts Counts => Queue.Counts;

    /// <summary>Samples a second that are read now: as configured, or as tuned within 0 and the board's bound, and of that the share that the board's state allows.</summary>
    public double SamplesPerSecond => RateFactor * (_settings.SamplesPerSecond is { } tuned && double.IsFinite(tuned)
        ? Math.Clamp(tuned, 0, _options.Source.SamplesPerSecondMax)
        : _options.Source.SamplesPerSecond);

    /// <summary>Below 1 while the board is hot, throttled or low on battery.</summary>
    public double RateFactor
    {
        get => Volatile.Read(ref _rateFactor);
        set => Volatile.Write(ref _rateFactor, value);
    }

    /// <inheritdoc/>
    public void Tune(SlotSettings? settings) => _settings = settings ?? new SlotSettings();

    /// <inheritdoc/>
    public double ShadowShare => _settings.ShadowShare is { } share && double.IsFinite(share) ? Math.Clamp(share, 0, 1) : 0;

    /// <summary>Confidence from which an answer of this model counts for alerts: the manifest's, or as tuned within the manifest's bounds.</summary>
    public double ConfidenceMin(LoadedModel model)
    {
        var output = model.Manifest.Output;
        return _settings.ConfidenceMin is { } tuned && double.IsFinite(tuned) && output.ConfidenceMinLow <= output.ConfidenceMinHigh
            ? Math.Clamp(tuned, output.ConfidenceMinLow, output.ConfidenceMinHigh)
            : output.ConfidenceMin;
    }

    /// <summary>Anomaly score from which a sample counts for alerts: the manifest's, or as tuned within the manifest's bounds; 0 for other tasks.</summary>
    public double ScoreThreshold(LoadedModel model) => model.Manifest.Output.Score is not { } score ? 0
        : _settings.ScoreThreshold is { } tuned && double.IsFinite(tuned) ? Math.Clamp(tuned, score.ThresholdLow, score.ThresholdHigh)
        : score.Threshold;

    /// <inheritdoc/>
    public Task<LoadedModel?> SwapAsync(LoadedModel? next, CancellationToken cancel) => Lease.SwapAsync(next, cancel);
}
