namespace EdgeFleet.Agent.Power;

/// <summary>Energy by counters of the hardware, added up.</summary>
internal sealed class CounterMeter(string name, IReadOnlyList<EnergyCounter> counters, double resolutionJ) : IPowerMeter
{
    private readonly EnergyCounter[] _counters = [.. counters];

    /// <inheritdoc/>
    public PowerSensor Sensor { get; } = new(name, PowerMethod.Counter, resolutionJ, TimeSpan.FromMilliseconds(10));

    /// <inheritdoc/>
    public string? Fault { get; private set; }

    /// <inheritdoc/>
    public bool TryRead(out double value)
    {
        value = 0;
        foreach (var counter in _counters)
        {
            if (!counter.TryRead(out var joules))
            {
                Fault = counter.Fault;
                return false;
            }

            value += joules;
        }

        Fault = null;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var counter in _counters)
            counter.Dispose();
    }
}
