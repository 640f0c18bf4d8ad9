namespace EdgeFleet.Agent.Power;

/// <summary>
/// Integrates the readings of a sensor: by trapezoid between monotonic timestamps, or by difference for a counter. Each tick reads once and allocates nothing.
/// Ticks come from one timer; totals are asked from any thread.
/// </summary>
internal sealed class EnergySampler(TimeProvider time, IdleBaseline baseline) : IDisposable
{
    // A trapezoid over a longer silence would be an invention; a counter goes on counting through it.
    private const int GapPeriodsMax = 5;
    private static readonly TimeSpan CounterGapMax = TimeSpan.FromMinutes(10);
    private readonly Lock _gate = new();
    private IPowerMeter? _meter;
    private TimeSpan _gapMax;
    private PowerTotals _totals;
    private double _watts = double.NaN;
    private double _lastValue;
    private long _lastAt;
    private long _failedSince;

    /// <summary>What was measured so far.</summary>
    public PowerTotals Totals
    {
        get
        {
            lock (_gate)
                return _totals;
        }
    }

    /// <summary>The sensor; null while there is none.</summary>
    public PowerSensor? Sensor
    {
        get
        {
            lock (_gate)
                return _meter?.Sensor;
        }
    }

    /// <summary>The newest reading in watts; null when there is none.</summary>
    public double? Watts
    {
        get
        {
            lock (_gate)
                return double.IsNaN(_watts) ? null : _watts;
        }
    }

    /// <summary>For how long the sensor has failed, and why; null while it reads.</summary>
    public (TimeSpan Length, string Why)? Failing
    {
        get
        {
            lock (_gate)
                return _meter is not null && _failedSince != 0 ? (time.GetElapsedTime(_failedSince), _meter.Fault ?? "It gives nothing.") : null;
        }
    }

    /// <summary>Takes another sensor, or none; the one before is closed.</summary>
    public void Use(IPowerMeter? meter, TimeSpan period)
    {
        lock (_gate)
        {
            _meter?.Dispose();
            _meter = meter;
            _gapMax = meter?.Sensor.Method == PowerMethod.Counter ? CounterGapMax : GapPeriodsMax * period;
            _totals = _totals with { Sensor = _totals.Sensor + 1 };
            (_watts, _lastAt, _failedSince) = (double.NaN, 0, 0);
            baseline.Clear();
        }
    }

    /// <summary>Reads once.</summary>
    /// <param name="isIdle">True when no inference has run since the last tick and none runs now.</param>
    public void Tick(bool isIdle)
    {
        lock (_gate)
        {
            if (_meter is null)
                return;

            // The time of the reading is between the two: slow buses take milliseconds.
            var before = time.GetTimestamp();
            var isRead = _meter.TryRead(out var value);
            var now = before + ((time.GetTimestamp() - before) / 2);
            if (isRead)
                Take(value, now, isIdle);
            else if (_failedSince == 0)
                _failedSince = now;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _meter?.Dispose();
            _meter = null;
        }
    }

    private void Take(double value, long now, bool isIdle)
    {
        var elapsed = _lastAt == 0 ? TimeSpan.Zero : time.GetElapsedTime(_lastAt, now);
        var isCounter = _meter!.Sensor.Method == PowerMethod.Counter;
        if (elapsed > TimeSpan.Zero && elapsed <= _gapMax)
        {
            var seconds = elapsed.TotalSeconds;
            var joules = isCounter ? value - _lastValue : (value + _lastValue) / 2 * seconds;
            _watts = isCounter ? joules / seconds : value;
            _totals = new PowerTotals(
                _totals.Joules + joules, _totals.Seconds + seconds, _totals.Readings + 1, _totals.Watts + _watts, _totals.WattsSquared + (_watts * _watts), _totals.Sensor);
            if (isIdle)
                baseline.Add(_watts, seconds);
        }
        else if (!isCounter)
        {
            _watts = value;
        }

        (_lastValue, _lastAt, _failedSince) = (value, Math.Max(1, now), 0);
    }
}
