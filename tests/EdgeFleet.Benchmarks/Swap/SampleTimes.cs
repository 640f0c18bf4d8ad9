using EdgeFleet.Agent.Inference;

namespace EdgeFleet.Benchmarks.Swap;

/// <summary>Times from capture to answer, in milliseconds.</summary>
internal sealed record TimesMs(double P50, double P99, double Max);

/// <summary>Gathers how long samples took from capture to answer.</summary>
internal sealed class SampleTimes : ISampleObserver
{
    private readonly Lock _gate = new();
    private List<double> _ms = [];
    private long _count;
    private (long At, TaskCompletionSource Reached)? _waiter;

    public void Observe(in SampleResult result)
    {
        var times = result.Times;
        lock (_gate)
        {
            _ms.Add((times.QueueUs + times.PrepareUs + times.InferUs + times.PostUs) / 1000.0);
            if (++_count >= _waiter?.At)
            {
                _waiter.Value.Reached.TrySetResult();
                _waiter = null;
            }
        }
    }

    /// <summary>Waits for so many answers more.</summary>
    public Task NextAsync(int count, CancellationToken cancel)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _waiter = (_count + count, reached);
        return reached.Task.WaitAsync(cancel);
    }

    /// <summary>The times of what is answered while something is done.</summary>
    public async Task<TimesMs> TakeAsync(Func<Task> act)
    {
        lock (_gate)
            _ms = [];
        await act();
        List<double> taken;
        lock (_gate)
            (taken, _ms) = (_ms, []);
        taken.Sort();
        return new TimesMs(taken[taken.Count / 2], taken[taken.Count * 99 / 100], taken[^1]);
    }
}
