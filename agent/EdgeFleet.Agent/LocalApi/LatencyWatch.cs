using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.LocalApi;

/// <summary>Time of a slot's samples from their reading to their answer, for its metrics.</summary>
/// <param name="Quantiles">Seconds by quantile, over the last 5 to 10 minutes; empty when nothing was answered in them.</param>
/// <param name="SumSeconds">Sum since the process began.</param>
/// <param name="Count">Answers since the process began.</param>
internal sealed record LatencyNow(IReadOnlyList<(double Quantile, double Seconds)> Quantiles, double SumSeconds, long Count);

/// <summary>Watches latency while somebody may ask for metrics. Two sketches a slot take turns, so that a quantile speaks of the last minutes alone.</summary>
internal sealed class LatencyWatch(IEnumerable<IModelHost> hosts, TimeProvider time) : ISampleObserver
{
    private static readonly TimeSpan Span = TimeSpan.FromMinutes(5);
    private static readonly double[] Asked = [0.5, 0.95, 0.99];

    private readonly Dictionary<SlotName, Watch> _slots = hosts.ToDictionary(h => h.Slot, _ => new Watch());

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        if (result.Error is not null)
            return;

        var times = result.Times;
        var watch = _slots[result.Slot];
        lock (watch)
        {
            watch.Turn(time.GetTimestamp(), time.TimestampFrequency * (long)Span.TotalSeconds);
            var us = times.QueueUs + times.PrepareUs + times.InferUs + times.PostUs;
            watch.Current.Add(us);
            watch.SumUs += us;
            watch.Count++;
        }
    }

    /// <summary>Latency of a slot now.</summary>
    public LatencyNow Of(SlotName slot)
    {
        var watch = _slots[slot];
        lock (watch)
        {
            watch.Turn(time.GetTimestamp(), time.TimestampFrequency * (long)Span.TotalSeconds);
            var sketch = DdSketch.Merge(watch.Last.Build(), watch.Current.Build());
            return new LatencyNow(sketch.Count == 0 ? [] : [.. Asked.Select(q => (q, sketch.Quantile(q) / 1e6))], watch.SumUs / 1e6, watch.Count);
        }
    }

    private sealed class Watch
    {
        private long _turnedAt;

        public SketchBuilder Current { get; private set; } = new();

        public SketchBuilder Last { get; private set; } = new();

        public double SumUs { get; set; }

        public long Count { get; set; }

        public void Turn(long now, long span)
        {
            if (now - _turnedAt < span)
                return;

            var isLongAgo = now - _turnedAt >= 2 * span;
            (Current, Last, _turnedAt) = (Last, Current, now);
            Current.Clear();
            if (isLongAgo)
                Last.Clear();
        }
    }
}
