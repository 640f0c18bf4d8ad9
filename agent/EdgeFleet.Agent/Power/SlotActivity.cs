using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Identity;

namespace EdgeFleet.Agent.Power;

/// <summary>When the slots of this board work: their busy time, and the gaps between. Results come on the slots' threads, questions on the sampler's.</summary>
internal sealed class SlotActivity(IEnumerable<SlotHost> hosts) : ISampleObserver
{
    private readonly SlotHost[] _hosts = [.. hosts];
    private readonly Dictionary<SlotName, long[]> _busyUs = hosts.ToDictionary(h => h.Slot, _ => new long[1]);
    private long _results;
    private long _resultsBefore;
    private bool _wasFree;

    /// <inheritdoc/>
    public void Observe(in SampleResult result)
    {
        Interlocked.Add(ref _busyUs[result.Slot][0], result.Times.PrepareUs + result.Times.InferUs + result.Times.PostUs);
        Interlocked.Increment(ref _results);
    }

    /// <summary>Busy time of a slot since the process began, in microseconds: preparation, run, post-processing.</summary>
    public long BusyUs(SlotName slot) => Interlocked.Read(ref _busyUs[slot][0]);

    /// <summary>Busy time of all slots.</summary>
    public long BusyUs()
    {
        var sum = 0L;
        foreach (var host in _hosts)
            sum += BusyUs(host.Slot);
        return sum;
    }

    /// <summary>True when at least one session is loaded, no inference has run since the last question and none runs now. One caller.</summary>
    public bool IsIdleSinceLast()
    {
        var (free, loaded) = (true, false);
        foreach (var host in _hosts)
        {
            free &= !host.Lease.IsLeased;
            loaded |= host.Active is not null;
        }

        var results = Interlocked.Read(ref _results);
        var idle = loaded && free && _wasFree && results == _resultsBefore;
        (_wasFree, _resultsBefore) = (free && loaded, results);
        return idle;
    }
}
