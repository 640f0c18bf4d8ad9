namespace EdgeFleet.Agent.Inference;

/// <summary>
/// Which model serves a slot, and whether a sample is in it. The slot's loop leases the model for each sample; a swap changes one reference and waits only for
/// the sample that is in the old model.
/// </summary>
internal sealed class ModelLease
{
    private readonly object _gate = new();
    private readonly List<(LoadedModel Model, TaskCompletionSource Idle)> _waiters = [];
    private TaskCompletionSource _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoadedModel? _active;
    private LoadedModel? _leased;
    private bool _closed;

    /// <summary>Model that serves; null while there is none.</summary>
    public LoadedModel? Active
    {
        get
        {
            lock (_gate)
                return _active;
        }
    }

    /// <summary>True while a sample is in a model.</summary>
    public bool IsLeased
    {
        get
        {
            lock (_gate)
                return _leased is not null;
        }
    }

    /// <summary>Completes while there is a model.</summary>
    public Task WhenFilledAsync(CancellationToken cancel)
    {
        lock (_gate)
            return _filled.Task.WaitAsync(cancel);
    }

    /// <summary>Waits for a model and holds it until <see cref="Release"/>; null once closed. One caller at a time.</summary>
    public LoadedModel? Acquire()
    {
        lock (_gate)
        {
            while (_active is null && !_closed)
                Monitor.Wait(_gate);
            return _closed ? null : _leased = _active;
        }
    }

    /// <summary>Gives the model back.</summary>
    public void Release()
    {
        lock (_gate)
        {
            // A method of its own, because what a closure holds is allocated where the method begins.
            if (_waiters.Count > 0)
                TellIdle(_leased);
            _leased = null;
        }
    }

    /// <summary>Puts another model in place and returns the old one once no sample is in it.</summary>
    /// <param name="next">The new model, or null for none.</param>
    /// <param name="cancel">Looked at before the change only: what has been changed is finished, and takes no longer than the sample in flight.</param>
    public async Task<LoadedModel?> SwapAsync(LoadedModel? next, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        TaskCompletionSource idle;
        LoadedModel? old;
        lock (_gate)
        {
            old = _active;
            _active = next;
            Announce(next);
            if (old is null || old == next || _leased != old)
                return old;

            idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((old, idle));
        }

        await idle.Task;
        return old;
    }

    /// <summary>Ends <see cref="Acquire"/> and takes the model out; the caller disposes it.</summary>
    public LoadedModel? Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
            (var last, _active) = (_active, null);
            return last;
        }
    }

    private void TellIdle(LoadedModel? idle)
    {
        foreach (var waiter in _waiters.Where(w => w.Model == idle))
            waiter.Idle.SetResult();
        _waiters.RemoveAll(w => w.Model == idle);
    }

    private void Announce(LoadedModel? next)
    {
        if (next is not null)
        {
            _filled.TrySetResult();
            Monitor.PulseAll(_gate);
        }
        else if (_filled.Task.IsCompleted)
        {
            _filled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
