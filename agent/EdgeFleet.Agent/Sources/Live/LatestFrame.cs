using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace EdgeFleet.Agent.Sources.Live;

/// <summary>Why a source gives nothing, and what to do.</summary>
internal sealed record SourceFault(string Why, string Remedy);

/// <summary>
/// Between a stream that comes at its own pace and a slot that reads at another: three frames, one being written, the newest whole one, one being read. A frame
/// that nobody took before the next was whole is dropped and counted, so a flood costs no memory and the newest wins. One writer, one reader; waiting allocates
/// nothing.
/// </summary>
internal sealed class LatestFrame : IValueTaskSource
{
    private readonly object _gate = new();
    private readonly TimeProvider _time;
    private readonly TimeSpan _freshFor;
    private readonly SourceCounters _counters;
    private ManualResetValueTaskSourceCore<bool> _signal = new() { RunContinuationsAsynchronously = true };
    private LiveFrame _ready = new();
    private LiveFrame _reading = new();
    private SourceFault? _fault;
    private bool _isReady;
    private bool _isWaiting;
    private long _number;

    /// <summary>An empty one.</summary>
    /// <param name="time">Clock.</param>
    /// <param name="freshFor">A frame that waited longer than this is dropped: it no longer says what is there now.</param>
    /// <param name="counters">Where frames and drops are counted.</param>
    public LatestFrame(TimeProvider time, TimeSpan freshFor, SourceCounters counters) => (_time, _freshFor, _counters) = (time, freshFor, counters);

    /// <summary>The frame that the writer fills; another one after <see cref="Publish"/>.</summary>
    public LiveFrame Writing { get; private set; } = new();

    /// <summary>The written frame is whole.</summary>
    public void Publish()
    {
        lock (_gate)
        {
            Writing.Number = ++_number;
            Writing.CompleteAt = _time.GetTimestamp();
            _counters.AddFrame();
            if (_isReady)
            {
                _counters.AddDropped();
                Writing.RowsSkipped += _ready.RowsSkipped;
            }

            (Writing, _ready, _isReady) = (_ready, Writing, true);
            Writing.Clear();
            // What was wrong before this frame is over.
            _fault = null;
            Wake();
        }
    }

    /// <summary>The source gives nothing now; told to the reader once, after the frame that may still be there.</summary>
    public void Fail(SourceFault fault)
    {
        lock (_gate)
        {
            _fault = fault;
            Wake();
        }
    }

    /// <summary>Waits for the next frame and gives it, valid until the next call; or null with the fault that came instead.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<(LiveFrame? Frame, SourceFault? Fault)> TakeAsync(CancellationToken cancel)
    {
        while (true)
        {
            ValueTask woken;
            lock (_gate)
            {
                cancel.ThrowIfCancellationRequested();
                if (TakeReady() is { } frame)
                    return (frame, null);
                if (_fault is { } fault)
                {
                    _fault = null;
                    return (null, fault);
                }

                _signal.Reset();
                _isWaiting = true;
                woken = new ValueTask(this, _signal.Version);
            }

            await using (cancel.UnsafeRegister(static me => ((LatestFrame)me!).WakeLocked(), this))
                await woken;
        }
    }

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => _signal.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _signal.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _signal.OnCompleted(continuation, state, token, flags);

    private LiveFrame? TakeReady()
    {
        if (!_isReady)
            return null;

        _isReady = false;
        if (_time.GetElapsedTime(_ready.CompleteAt) > _freshFor)
        {
            _counters.AddDropped();
            return null;
        }

        (_ready, _reading) = (_reading, _ready);
        return _reading;
    }

    private void WakeLocked()
    {
        lock (_gate)
            Wake();
    }

    private void Wake()
    {
        if (!_isWaiting)
            return;

        _isWaiting = false;
        _signal.SetResult(true);
    }
}
