namespace EdgeFleet.SimulatedFleets;

/// <summary>Seeded chance, cheap enough for millions of minutes: SplitMix64, and Box and Muller for normal values.</summary>
internal struct Draws(ulong seed)
{
    private ulong _state = seed;
    private double _kept = double.NaN;

    /// <summary>Between 0 and 1.</summary>
    public double Share()
    {
        _state += 0x9E3779B97F4A7C15;
        var z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>True with a chance.</summary>
    public bool Chance(double share) => Share() < share;

    /// <summary>Between two values.</summary>
    public double Between(double from, double to) => from + (to - from) * Share();

    /// <summary>Exponential with a mean.</summary>
    public double Exponential(double mean) => -mean * Math.Log(1 - Share());

    /// <summary>Normal around 0.</summary>
    public double Normal(double spread)
    {
        if (!double.IsNaN(_kept))
        {
            var kept = _kept;
            _kept = double.NaN;
            return spread * kept;
        }

        var (radius, angle) = (Math.Sqrt(-2 * Math.Log(1 - Share())), 2 * Math.PI * Share());
        _kept = radius * Math.Sin(angle);
        return spread * radius * Math.Cos(angle);
    }
}
