namespace EdgeFleet.Agent.Power;

/// <summary>A counter of energy in microjoule that begins again at 0 when it is full.</summary>
/// <param name="file">The file.</param>
/// <param name="rangeUj">Value at which it begins again; 0 when it never does.</param>
internal sealed class EnergyCounter(string file, long rangeUj) : IDisposable
{
    private readonly SysfsNumber _number = new(file);
    private long? _last;
    private double _joules;

    /// <summary>Why the last reading failed; null when it did not.</summary>
    public string? Fault => _number.Fault;

    /// <summary>Joules since the first reading.</summary>
    public bool TryRead(out double joules)
    {
        var isRead = _number.TryRead(out var now);
        if (isRead)
        {
            _joules += DifferenceUj(_last ?? now, now, rangeUj) / 1e6;
            _last = now;
        }

        joules = _joules;
        return isRead;
    }

    /// <summary>Microjoule from one reading to a later one: a counter that went back has begun again. One without a range was reset; what it lost is not known.</summary>
    public static long DifferenceUj(long before, long now, long rangeUj) => now >= before ? now - before : rangeUj > 0 ? now - before + rangeUj : 0;

    /// <inheritdoc/>
    public void Dispose() => _number.Dispose();
}
