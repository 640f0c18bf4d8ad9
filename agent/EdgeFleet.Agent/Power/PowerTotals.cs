namespace EdgeFleet.Agent.Power;

/// <summary>What a sensor has measured since the process began; two of them give what lies between.</summary>
/// <param name="Joules">Energy.</param>
/// <param name="Seconds">Time that is covered by readings.</param>
/// <param name="Readings">Number of readings with a time before them.</param>
/// <param name="Watts">Sum of the readings.</param>
/// <param name="WattsSquared">Sum of their squares.</param>
/// <param name="Sensor">Number of the sensor: another one has another.</param>
internal readonly record struct PowerTotals(double Joules, double Seconds, long Readings, double Watts, double WattsSquared, int Sensor)
{
    /// <summary>What was measured since an earlier moment.</summary>
    public PowerTotals Since(PowerTotals before) => new(
        Joules - before.Joules, Seconds - before.Seconds, Readings - before.Readings, Watts - before.Watts, WattsSquared - before.WattsSquared, Sensor);

    /// <summary>Readings a second.</summary>
    public double Hz => Seconds > 0 ? Readings / Seconds : 0;

    /// <summary>Variance of the readings, in W².</summary>
    public double Variance => Readings < 2 ? 0 : Math.Max(0, (WattsSquared - (Watts * Watts / Readings)) / (Readings - 1));
}
