namespace EdgeFleet.Agent.Power;

/// <summary>Power of the board over its supply rails. A rail that cannot be read makes the whole reading fail: a sum without it would be a guess.</summary>
internal sealed class RailMeter : IPowerMeter
{
    // Rails that feed the whole module; what other rails carry is in them already.
    private static readonly string[] TotalRails = ["VDD_IN", "POM_5V_IN"];
    private static readonly TimeSpan Fastest = TimeSpan.FromMilliseconds(10);
    private readonly Rail[] _rails;

    private RailMeter(string chip, Rail[] rails)
    {
        _rails = rails;
        Sensor = new PowerSensor($"{chip} {string.Join('+', rails.Select(r => r.Name))}", PowerMethod.Trapezoid, Math.Sqrt(rails.Sum(r => r.ResolutionW * r.ResolutionW)), Fastest);
    }

    /// <inheritdoc/>
    public PowerSensor Sensor { get; }

    /// <inheritdoc/>
    public string? Fault { get; private set; }

    /// <summary>
    /// A meter of the total: the input rail alone where there is one, else the sum of all. Rails that are not needed are closed. Source: jetson_stats, issue 51.
    /// </summary>
    public static RailMeter OfTotal(string chip, IReadOnlyList<Rail> rails)
    {
        var total = TotalRail(rails.Select(r => r.Name));
        var wanted = rails.Where(r => total is null || r.Name == total).ToArray();
        foreach (var rail in rails.Except(wanted))
            rail.Dispose();
        return new RailMeter(chip, wanted);
    }

    /// <summary>The rail that carries everything, or null when all must be added.</summary>
    public static string? TotalRail(IEnumerable<string> names)
    {
        var there = names.ToHashSet(StringComparer.Ordinal);
        return TotalRails.FirstOrDefault(there.Contains);
    }

    /// <inheritdoc/>
    public bool TryRead(out double value)
    {
        value = 0;
        foreach (var rail in _rails)
        {
            if (!rail.TryRead(out var watts))
            {
                Fault = $"Rail {rail.Name} cannot be read: {rail.Fault}";
                return false;
            }

            value += watts;
        }

        Fault = null;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var rail in _rails)
            rail.Dispose();
    }
}
