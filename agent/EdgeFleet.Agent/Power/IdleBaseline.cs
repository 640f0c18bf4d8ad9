namespace EdgeFleet.Agent.Power;

/// <summary>What decides how much an idle board takes. Under other conditions a baseline is of no use.</summary>
/// <param name="Mode">Power mode or governor.</param>
/// <param name="LimitMhz">What the clock may reach: the clock itself moves with the load.</param>
/// <param name="Celsius">Temperature; null when it is not measured.</param>
internal sealed record IdleConditions(string? Mode, int? LimitMhz, double? Celsius)
{
    private const double CelsiusBand = 5;

    /// <summary>True when a baseline that was measured under these conditions holds under others.</summary>
    public bool Hold(IdleConditions now) =>
        Mode == now.Mode && LimitMhz == now.LimitMhz && (Celsius is not { } then || now.Celsius is not { } celsius || Math.Abs(celsius - then) <= CelsiusBand);
}

/// <summary>Power of the board at rest.</summary>
/// <param name="Watts">Median.</param>
/// <param name="SigmaWatts">Its standard deviation.</param>
internal readonly record struct IdlePower(double Watts, double SigmaWatts);

/// <summary>
/// Power while sessions are loaded and nothing is inferred, gathered in the gaps between samples and forgotten when conditions change or it grows old. Given
/// from 10 s of gaps on. Adding allocates nothing.
/// </summary>
internal sealed class IdleBaseline(TimeProvider time)
{
    private const int Size = 1024;
    private const double SecondsMin = 10;
    private static readonly TimeSpan AgeMax = TimeSpan.FromMinutes(10);

    // Standard error of a median of normal values, over that of their mean: sqrt(pi / 2).
    private static readonly double MedianFactor = Math.Sqrt(Math.PI / 2);

    private readonly Lock _gate = new();
    private readonly (double Watts, double Seconds, long At)[] _ring = new (double, double, long)[Size];
    private readonly double[] _sorted = new double[Size];
    private IdleConditions? _conditions;
    private int _next;
    private int _count;

    /// <summary>Takes a reading of the idle board in.</summary>
    /// <param name="watts">Power.</param>
    /// <param name="seconds">Idle time that it stands for.</param>
    public void Add(double watts, double seconds)
    {
        lock (_gate)
        {
            _ring[_next] = (watts, seconds, time.GetTimestamp());
            _next = (_next + 1) % Size;
            _count = Math.Min(_count + 1, Size);
        }
    }

    /// <summary>Says under which conditions the board is now; what was measured under others is forgotten.</summary>
    public void Note(IdleConditions now)
    {
        lock (_gate)
        {
            if (_conditions?.Hold(now) == true)
                return;

            (_conditions, _count) = (now, 0);
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        lock (_gate)
            _count = 0;
    }

    /// <summary>The baseline; null while there is too little of it.</summary>
    /// <param name="resolution">Smallest step of the sensor in watts: a median is no finer than that.</param>
    public IdlePower? Measure(double resolution)
    {
        lock (_gate)
        {
            var (n, seconds, sum, squares) = (0, 0.0, 0.0, 0.0);
            for (var i = 0; i < _count; i++)
            {
                var entry = _ring[(_next - 1 - i + Size) % Size];
                if (time.GetElapsedTime(entry.At) > AgeMax)
                    break;
                _sorted[n++] = entry.Watts;
                seconds += entry.Seconds;
                sum += entry.Watts;
                squares += entry.Watts * entry.Watts;
            }

            if (seconds < SecondsMin || n < 2)
                return null;

            Array.Sort(_sorted, 0, n);
            var median = (_sorted[(n - 1) / 2] + _sorted[n / 2]) / 2;
            var variance = Math.Max(0, (squares - (sum * sum / n)) / (n - 1));
            return new IdlePower(median, Math.Sqrt((MedianFactor * MedianFactor * variance / n) + (resolution * resolution / 12)));
        }
    }
}
