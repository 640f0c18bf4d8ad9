using EdgeFleet.Shared.Models;
using Microsoft.ML.OnnxRuntime;

namespace EdgeFleet.Agent.Inference;

/// <summary>Runs a model and ends the run when it takes too long. One caller at a time.</summary>
internal sealed class RunDeadline : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _timeout;
    private readonly ITimer _timer;
    private readonly object _gate = new();
    private RunOptions? _options; // Made at the first run: making one loads ONNX Runtime, which costs 4 MB that a board without a model can keep.
    private long _startedAt;
    private bool _running;

    /// <summary>A deadline for every run.</summary>
    public RunDeadline(TimeProvider time, TimeSpan timeout)
    {
        _time = time;
        _timeout = timeout;
        _timer = time.CreateTimer(_ => EndIfLate(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs the model on what stands in its input.</summary>
    /// <param name="session">The model.</param>
    /// <param name="samples">Samples that stand there.</param>
    /// <returns>Null when it answered, else why not.</returns>
    public string? Run(ModelSession session, int samples = 1)
    {
        RunOptions options;
        lock (_gate)
        {
            options = _options ??= new RunOptions();
            _startedAt = _time.GetTimestamp();
            _running = true;
        }

        _timer.Change(_timeout, Timeout.InfiniteTimeSpan);
        string? error = null;
        try
        {
            session.Run(options, samples);
        }
        catch (OnnxRuntimeException e)
        {
            error = e.Message;
        }

        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        lock (_gate)
        {
            _running = false;
            if (!options.Terminate)
                return error;

            // Options that ended a run would end the next one too.
            options.Dispose();
            _options = null;
            return $"The run was ended after {_timeout.TotalSeconds:0.#} s, the most that Inference:RunTimeoutSeconds allows.";
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _running = false;
            _options?.Dispose();
        }
    }

    private void EndIfLate()
    {
        lock (_gate)
        {
            if (!_running)
                return;

            // A tick of an earlier run may come late, and one of this run a hair too soon: neither may end it, nor may the deadline be lost.
            var left = _timeout - _time.GetElapsedTime(_startedAt);
            if (left <= TimeSpan.Zero)
                _options!.Terminate = true;
            else
                _timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
        }
    }
}
