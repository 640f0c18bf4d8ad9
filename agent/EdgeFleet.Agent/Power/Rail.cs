namespace EdgeFleet.Agent.Power;

/// <summary>A supply rail: a file of power, or files of voltage (mV) and current (mA).</summary>
internal sealed class Rail : IDisposable
{
    private readonly SysfsNumber? _power;
    private readonly double _wattsPerUnit;
    private readonly SysfsNumber? _millivolts;
    private readonly SysfsNumber? _milliamperes;

    private Rail(string name, double resolutionW) => (Name, ResolutionW) = (name, resolutionW);

    private Rail(string name, double resolutionW, SysfsNumber power, double wattsPerUnit)
        : this(name, resolutionW) => (_power, _wattsPerUnit) = (power, wattsPerUnit);

    private Rail(string name, double resolutionW, SysfsNumber millivolts, SysfsNumber milliamperes)
        : this(name, resolutionW) => (_millivolts, _milliamperes) = (millivolts, milliamperes);

    /// <summary>Its name on the board, for example <c>VDD_IN</c>.</summary>
    public string Name { get; }

    /// <summary>Smallest step of a reading, in watts.</summary>
    public double ResolutionW { get; }

    /// <summary>Why the last reading failed; null when it did not.</summary>
    public string? Fault => _power?.Fault ?? _millivolts?.Fault ?? _milliamperes?.Fault;

    /// <summary>A rail with a file of power.</summary>
    public static Rail OfPower(string name, string file, double wattsPerUnit, double resolutionW) => new(name, resolutionW, new SysfsNumber(file), wattsPerUnit);

    /// <summary>A rail with files of voltage in mV and current in mA.</summary>
    public static Rail OfVoltsAndAmperes(string name, string millivolts, string milliamperes, double resolutionW) =>
        new(name, resolutionW, new SysfsNumber(millivolts), new SysfsNumber(milliamperes));

    /// <summary>Reads its power in watts.</summary>
    public bool TryRead(out double watts)
    {
        watts = 0;
        if (_power is not null)
        {
            if (!_power.TryRead(out var units))
                return false;
            watts = units * _wattsPerUnit;
            return true;
        }

        if (!_millivolts!.TryRead(out var mv) || !_milliamperes!.TryRead(out var ma))
            return false;
        watts = mv * ma / 1e6;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _power?.Dispose();
        _millivolts?.Dispose();
        _milliamperes?.Dispose();
    }
}
