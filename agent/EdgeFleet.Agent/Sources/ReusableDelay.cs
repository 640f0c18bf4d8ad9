using System.Threading.Tasks.Sources;

namespace EdgeFleet.Agent.Sources;

/// <summary>A delay that is waited for over and over, with one timer and nothing allocated. One waiter at a time; it goes on where the timer or the cancellation runs.</summary>
internal sealed class ReusableDelay : IValueTaskSource, IDisposable
{
    private readonly ITimer _timer;
    private ManualResetValueTaskSourceCore<bool> _core;
    private CancellationTokenRegistration _registration;
    private int _waiting;

    /// <summary>A delay by this clock.</summary>
    public ReusableDelay(TimeProvider time) =>
        _timer = time.CreateTimer(static state => ((ReusableDelay)state!).End(default), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Completes after the time. It may complete early, by a tick of a delay that was cancelled before.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public ValueTask WaitAsync(TimeSpan delay, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        _core.Reset();
        Volatile.Write(ref _waiting, 1);
        _registration = cancel.UnsafeRegister(static (state, token) => ((ReusableDelay)state!).End(token), this);
        _timer.Change(delay, Timeout.InfiniteTimeSpan);
        return new ValueTask(this, _core.Version);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    void IValueTaskSource.GetResult(short token)
    {
        _registration.Dispose();
        _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void End(CancellationToken cancelled)
    {
        if (Interlocked.Exchange(ref _waiting, 0) == 0)
            return;

        if (cancelled.IsCancellationRequested)
            _core.SetException(new OperationCanceledException(cancelled));
        else
            _core.SetResult(true);
    }
}
