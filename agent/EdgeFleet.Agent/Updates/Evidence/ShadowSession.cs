using EdgeFleet.Agent.Inference;
using EdgeFleet.Shared.Models;
using EdgeFleet.Shared.Models.Evidence;

namespace EdgeFleet.Agent.Updates.Evidence;

/// <summary>One candidate in the shadow of one model. Samples come on the slot's thread, its end from another; one lock guards it.</summary>
internal sealed class ShadowSession(LoadedModel active, LoadedModel candidate, ShadowPlan plan, ShadowSurroundings around) : IDisposable
{
    private readonly object _gate = new();
    private readonly PairedEvidence _evidence = new(EvidenceStage.Shadow, candidate.Manifest, active.Manifest);
    private readonly RunDeadline _deadline = new(around.Time, around.RunTimeout);
    private readonly PixelBuffer _decoded = new();
    private readonly DisagreementsKept _disagreements = new(plan.Examples, active, candidate);
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _begun = around.Time.GetTimestamp();
    private TimeSpan _busy;
    private TimeSpan _rested;
    private double _owed;
    private double _joules;
    private long _shown;
    private string? _cut;
    private bool _closed;

    /// <summary>Completes once enough samples were shown, or its energy is used up.</summary>
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
            if (around.Hold.Strain is not null)
                _evidence.Pause();
            else if (_busy > plan.BusyShareMax * (around.Time.GetElapsedTime(_begun) - _rested))
                _evidence.Skip();
            else
                Ask(result);
        }
    }

    /// <summary>Takes note of a time in which it paused: it earns the candidate no time later.</summary>
    public void Rested(TimeSpan time)
    {
        lock (_gate)
            _rested += time;
    }

    /// <summary>Shows nothing more; no sample is in the candidate when this returns.</summary>
    public void Close()
    {
        lock (_gate)
            _closed = true;
    }

    /// <summary>What was seen so far.</summary>
    public ShadowSeen Build()
    {
        lock (_gate)
            return new ShadowSeen(_evidence.Build() with { SpentMj = (long)Math.Round(1000 * _joules) }, _disagreements.Found) { Cut = _cut };
    }

    /// <inheritdoc/>
    public void Dispose() => _deadline.Dispose();

    private void Ask(in SampleResult result)
    {
        var begun = around.Time.GetTimestamp();
        var unfit = candidate.Preparer.Decode(result.Sample, _decoded, out var pixels) ?? candidate.Preparer.Prepare(result.Sample, pixels, candidate.Session.Input);
        var prepared = around.Time.GetTimestamp();
        var answer = unfit is null && _deadline.Run(candidate.Session) is null ? candidate.Reader.Read(candidate.Session) : null;
        var isSame = _evidence.Add(answer, around.Time.GetElapsedTime(prepared).TotalMicroseconds, result.Answer, result.Times.InferUs);
        var took = around.Time.GetElapsedTime(begun);
        _busy += took;
        _joules += (around.Watts() ?? 0) * took.TotalSeconds;
        if (!isSame)
            _disagreements.Add(result.Sample, result.Answer!, answer);

        if (plan.EnergyJMax > 0 && _joules >= plan.EnergyJMax)
            _cut = FormattableString.Invariant($"its energy of {plan.EnergyJMax:0} J was used up (Updates:ShadowEnergyJMax)");
        _closed = ++_shown >= plan.Samples || _cut is not null;
        if (_closed)
            _enough.TrySetResult();
    }
}
