using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>One candidate in the shadow of one model. Samples come on the slot's thread, its end from another; one lock guards it.</summary>
internal sealed class ShadowSession(LoadedModel active, LoadedModel candidate, ShadowPlan plan, TimeProvider time, TimeSpan runTimeout) : IDisposable
{
    private readonly object _gate = new();
    private readonly PairedEvidence _evidence = new(EvidenceStage.Shadow, candidate.Manifest, active.Manifest);
    private readonly RunDeadline _deadline = new(time, runTimeout);
    private readonly PixelBuffer _decoded = new();
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _begun = time.GetTimestamp();
    private TimeSpan _busy;
    private double _owed;
    private long _shown;
    private bool _closed;

    /// <summary>Completes once enough samples were shown.</summary>
    public Task Enough => _enough.Task;

    /// <summary>Shows the candidate a sample, if it is one of its share and there is time.</summary>
    public void Show(in SampleResult result)
    {
        lock (_gate)
        {
            // Another model may serve by now, and a damaged photo tells nothing apart.
            if (_closed || result.Model != active || result.IsInputFault)
                return;
            _owed += plan.Share;
            if (_owed < 1)
                return;
            _owed -= 1;
            if (_busy > plan.BusyShareMax * time.GetElapsedTime(_begun))
                _evidence.Skip();
            else
                Ask(result);
        }
    }

    /// <summary>Shows nothing more; no sample is in the candidate when this returns.</summary>
    public void Close()
    {
        lock (_gate)
            _closed = true;
    }

    /// <summary>The evidence so far.</summary>
    public CandidateEvidence Build()
    {
        lock (_gate)
            return _evidence.Build();
    }

    /// <inheritdoc/>
    public void Dispose() => _deadline.Dispose();

    private void Ask(in SampleResult result)
    {
        var begun = time.GetTimestamp();
        var unfit = candidate.Preparer.Decode(result.Sample, _decoded, out var pixels) ?? candidate.Preparer.Prepare(result.Sample, pixels, candidate.Session.Input);
        var prepared = time.GetTimestamp();
        var answer = unfit is null && _deadline.Run(candidate.Session) is null ? candidate.Reader.Read(candidate.Session) : null;
        _evidence.Add(answer, time.GetElapsedTime(prepared).TotalMicroseconds, result.Answer, result.Times.InferUs);
        _busy += time.GetElapsedTime(begun);
        _closed = ++_shown >= plan.Samples;
        if (_closed)
            _enough.TrySetResult();
    }
}
