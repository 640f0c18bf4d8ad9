using EdgeFleet.Agent.Inference;
using EdgeFleet.Agent.Power;
using EdgeFleet.Shared.Messages;
using EdgeFleet.Shared.Statistics;

namespace EdgeFleet.Agent.Monitoring;

/// <summary>
/// Folds the results of one slot into minute rows. A row belongs to one model: another model's first result closes it early. Results come on the slot's thread
/// and ticks on the timer's, so one lock guards it.
/// </summary>
internal sealed class WindowFolder(IModelHost host, int windowSeconds, TimeProvider time, Action<MinuteRow> closed, Func<long, EnergyWindow?> energy)
{
    private readonly object _gate = new();
    private readonly SketchBuilder _inferUs = new();
    private readonly SpanClock _span = new(windowSeconds, time.GetUtcNow().ToUnixTimeMilliseconds());
    private LoadedModel? _model;
    private long _answered;
    private long _failed;
    private long _maxUs;
    private double _confidence;
    private long _droppedBefore;

    /// <summary>Takes a result in.</summary>
    public void Observe(in SampleResult result)
    {
        lock (_gate)
        {
            Roll();
            if (_model != result.Model)
                Close(next: result.Model, evenIfEmpty: false);

            if (result.Error is not null)
            {
                _failed++;
                return;
            }

            _answered++;
            _confidence += result.Confidence;
            _inferUs.Add(result.Times.InferUs);
            _maxUs = Math.Max(_maxUs, result.Times.InferUs);
        }
    }

    /// <summary>Closes the window if its time is over.</summary>
    public void Tick()
    {
        lock (_gate)
            Roll();
    }

    /// <summary>Closes what is gathered, at the end of the process.</summary>
    public void Flush()
    {
        lock (_gate)
            Close(next: null, evenIfEmpty: false);
    }

    private void Roll()
    {
        if (_span.IsOver(time.GetUtcNow().ToUnixTimeMilliseconds()))
            Close(host.Active, evenIfEmpty: true);
    }

    private void Close(LoadedModel? next, bool evenIfEmpty)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var dropped = host.Counts.Dropped;
        var used = energy(_answered);
        if (_answered + _failed + (dropped - _droppedBefore) > 0 || (evenIfEmpty && _model is not null))
            closed(Row(now, dropped - _droppedBefore, used));

        _span.MoveTo(now);
        _inferUs.Clear();
        (_answered, _failed, _maxUs, _confidence, _droppedBefore) = (0, 0, 0, 0, dropped);
        _model = next;
    }

    private MinuteRow Row(long now, long dropped, EnergyWindow? used)
    {
        var sketch = _inferUs.Build();
        return new MinuteRow
        {
            Slot = host.Slot,
            At = _span.Begin,
            Seconds = _span.SecondsUntil(now),
            Model = _model?.Package.Label ?? "",
            Answered = _answered,
            Failed = _failed,
            Dropped = dropped,
            P50Us = Math.Min(_maxUs, (long)Math.Round(sketch.Quantile(0.5))),
            P95Us = Math.Min(_maxUs, (long)Math.Round(sketch.Quantile(0.95))),
            MaxUs = _maxUs,
            Confidence = _answered == 0 ? null : (int)Math.Round(1000 * _confidence / _answered),
            EnergyUj = Microjoule(used?.GrossJ, digits: 3),
            EnergyNetUj = Microjoule(used?.NetJ, digits: 3),
            EnergySigmaUj = Microjoule(used?.NetSigmaJ ?? used?.GrossSigmaJ, digits: 2),
            EnergyShare = used is { Share: < 1 and var share } ? (int)Math.Round(1000 * share) : null,
        };
    }

    private static long? Microjoule(double? joules, int digits) => joules is { } j ? EnergyMath.Rounded(j * 1e6, digits) : null;
}
