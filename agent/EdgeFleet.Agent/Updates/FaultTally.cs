using System.Collections.Concurrent;
using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Updates;

/// <summary>Counts, by slot, the failures that are the model's own: a damaged photo or a broken sensor must not turn a model back.</summary>
internal sealed class FaultTally : ISampleObserver
{
    private readonly ConcurrentDictionary<SlotName, Count> _counts = new();

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        if (result.Error is null || result.IsInputFault)
            return;

        var count = _counts.GetOrAdd(result.Slot, _ => new Count());
        var digest = result.Model.Package.Digest;
        lock (count)
        {
            // Another model serves now: what is left of the one before is not charged to it.
            count.Faults = count.Model == digest ? count.Faults + 1 : 1;
            count.Model = digest;
        }
    }

    /// <summary>Faults of a model in a slot since the last call.</summary>
    public long Take(SlotName slot, Sha256Digest model)
    {
        if (!_counts.TryGetValue(slot, out var count))
            return 0;

        lock (count)
        {
            var faults = count.Model == model ? count.Faults : 0;
            count.Faults = 0;
            return faults;
        }
    }

    private sealed class Count
    {
        public Sha256Digest Model { get; set; }

        public long Faults { get; set; }
    }
}
